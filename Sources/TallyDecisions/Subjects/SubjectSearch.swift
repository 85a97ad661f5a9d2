// What the ledger holds about one person (GDPR Art. 15 and 20): every section that was sealed under
// the person's keys, found by the trail and, where the trail has not come to, event by event.

package import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// Finds and exports what is held about a subject: the rights of GDPR Articles 15 and 20.
package struct SubjectSearch: Sendable {
    private let context: DecisionContext

    /// Works on a ledger's subjects.
    package init(_ context: DecisionContext) {
        self.context = context
    }

    /// The tenants in which the subject has or had keys.
    ///
    /// - Complexity: one look-up a tenant.
    package func find(_ subject: String) async throws(Problem) -> [SubjectPlace] {
        var places: [SubjectPlace] = []
        for row in try await context.registry.list() where row.slot > 0 && row.state != 2 {
            let keys = try await keys(context.subjectTag(subject, of: row.id), row.id)
            guard !keys.isEmpty else { continue }
            let name = try await context.registry.name(of: row) ?? row.id.hex
            places.append(SubjectPlace(tenant: name, keys: keys))
        }
        return places
    }

    private func keys(_ tag: BlindTag, _ tenant: TenantID) async throws(Problem) -> [KeyRecord] {
        do throws(VaultError) {
            return try await context.vault.records(tenant, of: tag)
        } catch {
            throw Problem(error)
        }
    }

    /// Requires that the subject has or had a key in a tenant: of one that no event names nothing
    /// can be erased or held back, so the name was most likely mistyped.
    ///
    /// - Parameters:
    ///   - subject: the subject's name.
    ///   - classes: retention classes, one of which must be known too; empty for all.
    ///   - tenant: whose subject, and how that tenant is called.
    /// - Throws: `notFound`; give the name as events do.
    package func requireKnown(
        _ subject: String,
        classes: [String] = [],
        in tenant: (id: TenantID, name: String)
    ) async throws(Problem) {
        let keys = try await keys(context.subjectTag(subject, of: tenant.id), tenant.id)
        let wanted = Set(classes.map { ByteText($0) })
        let known = keys.filter {
            wanted.isEmpty || wanted.contains(ByteText($0.name.retentionClass))
        }
        guard known.isEmpty else { return }
        let place = keys.isEmpty ? "" : " in \(classes.joined(separator: ", "))"
        throw Problem(
            .notFound,
            "nothing is or was held under the name \(subject)\(place) in \(tenant.name)",
            hint:
                "name the subject as its events do; erasure request and hold place take --absent, "
                + "for what may come"
        )
    }

    /// Every section about the subject that can be read, in the order of the log.
    ///
    /// Complete by construction: sections are found by the key that sealed them, the trail is
    /// caught up first, and events that it left out are looked at one by one.
    /// - Throws: `projectionBehind` when an event stops the trail far before the end.
    /// - Complexity: O(events with the subject).
    package func sections(
        of subject: String,
        in tenant: TenantID
    ) async throws(Problem) -> [SubjectSection] {
        let tag = try await context.subjectTag(subject, of: tenant)
        _ = try await context.projections.catchUp(tenant, [BuiltInProjection.trail])
        let found = try await search(subject, tenant) + skipped(tenant)
        return found.flatMap { Self.sections(of: subject, tag, $0) }
            .sorted { $0.position < $1.position }
    }

    private func search(
        _ subject: String,
        _ tenant: TenantID
    ) async throws(Problem) -> [OpenedEvent] {
        let search = EventSearch(pool: context.pools.readers, vault: context.vault)
        var (events, next) = ([OpenedEvent](), Optional(0))
        while let start = next {
            let page = try await search.events(
                tenant,
                .subject(subject),
                from: start,
                limit: ReplayLimits.answerPage.upperBound
            )
            events += page.events
            next = page.next
        }
        return events
    }

    /// Events that an operator let the trail leave out.
    private func skipped(_ tenant: TenantID) async throws(Problem) -> [OpenedEvent] {
        let reader = Session(pool: context.pools.projectors)
        let rows = try await reader.scoped(tenant) { connection in
            let stops = try ProjectionStops.read(connection, tenant, BuiltInProjection.trail)
            return try Session.events(connection, tenant, at: stops.skipped.sorted())
        }
        return try await EventOpener(vault: context.vault).open(rows, of: tenant)
    }

    private static func sections(
        of subject: String,
        _ tag: BlindTag,
        _ event: OpenedEvent
    ) -> [SubjectSection] {
        event.sections.compactMap { section in
            guard case .content(let section) = section,
                section.keyName.subjectTag == tag
                    || ByteText(section.name.subject) == ByteText(subject)
            else { return nil }
            var envelope: Envelope?
            if case .content(let opened) = event.envelope { envelope = opened }
            return SubjectSection(
                position: event.stored.position,
                recordedAt: Instant(micros: event.leaf.recordedAt),
                id: event.leaf.eventID,
                stream: envelope?.stream ?? "",
                type: envelope?.type ?? "",
                retentionClass: section.name.retentionClass,
                data: section.data
            )
        }
    }
}
