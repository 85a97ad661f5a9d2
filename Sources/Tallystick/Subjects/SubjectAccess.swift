// What the ledger holds about one person (GDPR Art. 15 and 20): every section that was sealed under the
// person's keys, found by the trail and, where the trail has not come to, event by event.

package import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
package import TallyVault

/// One personal section of an event.
package struct SubjectSection: Sendable {
    package let position: Int
    /// µs since 1970.
    package let recordedAt: UInt64
    package let eventID: EventID
    package let stream: String
    package let type: String
    package let retentionClass: String
    /// JSON text, as it was submitted.
    package let data: [UInt8]
}

/// A tenant that knows a subject.
package struct SubjectPlace: Sendable {
    package let tenant: String
    /// The subject's keys, destroyed ones included.
    package let keys: [KeyRecord]
}

/// Finds and exports what is held about a subject.
package struct SubjectAccess: Sendable {
    private let ledger: Ledger

    /// Works on a ledger's subjects.
    package init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    /// The tenants in which the subject has or had keys.
    ///
    /// - Complexity: one look-up a tenant.
    package func find(_ subject: String) async throws(Problem) -> [SubjectPlace] {
        var places: [SubjectPlace] = []
        do {
            for row in try await ledger.registry.list() where row.slot > 0 && row.state != 2 {
                let name = try await ledger.registry.name(of: row) ?? row.id.hex
                let tenant = Tenant(ledger: ledger, name: name, id: row.id)
                let tag = try await ledger.subjectTag(subject, of: tenant)
                let keys = try await ledger.vault.records(row.id, of: tag)
                if !keys.isEmpty { places.append(SubjectPlace(tenant: name, keys: keys)) }
            }
        } catch {
            throw Problem(error)
        }
        return places
    }

    /// Requires that the subject has or had a key in a tenant: of one that no event names nothing can be
    /// erased or held back, so the name was most likely mistyped.
    ///
    /// - Parameters:
    ///   - subject: the subject's name.
    ///   - classes: retention classes, one of which must be known too; empty for all.
    ///   - tenant: whose subject.
    /// - Throws: `notFound`; give the name as events do.
    package func requireKnown(
        _ subject: String,
        classes: [String] = [],
        in tenant: Tenant
    ) async throws(Problem) {
        let tag = try await ledger.subjectTag(subject, of: tenant)
        let keys: [KeyRecord]
        do throws(VaultError) {
            keys = try await ledger.vault.records(tenant.id, of: tag)
        } catch {
            throw Problem(error)
        }
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
    /// Complete by construction: sections are found by the key that sealed them, the trail is caught up
    /// first, and events that it left out are looked at one by one.
    /// - Throws: `projectionBehind` when an event stops the trail far before the end.
    /// - Complexity: O(events with the subject).
    package func sections(
        of subject: String,
        in tenant: Tenant
    ) async throws(Problem) -> [SubjectSection] {
        let tag = try await ledger.subjectTag(subject, of: tenant)
        do {
            _ = try await ledger.projections().catchUp(tenant.id, [BuiltInProjection.trail])
            let found = try await search(subject, tenant.id) + skipped(tenant.id)
            return found.flatMap { Self.sections(of: subject, tag, $0) }
                .sorted { $0.position < $1.position }
        } catch {
            throw Problem(error)
        }
    }

    private func search(
        _ subject: String,
        _ tenant: TenantID
    ) async throws(StoreError) -> [OpenedEvent] {
        let search = EventSearch(pool: ledger.readers, vault: ledger.vault)
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
    private func skipped(_ tenant: TenantID) async throws(StoreError) -> [OpenedEvent] {
        let reader = LogReader(pool: ledger.projectors)
        let rows = try await reader.scoped(tenant) { connection in
            let stops = try ProjectionStops.read(connection, tenant, BuiltInProjection.trail)
            return try LogReader.events(connection, tenant, at: stops.skipped.sorted())
        }
        return try await EventOpener(vault: ledger.vault).open(rows, of: tenant)
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
                recordedAt: event.leaf.recordedAt,
                eventID: event.leaf.eventID,
                stream: envelope?.stream ?? "",
                type: envelope?.type ?? "",
                retentionClass: section.name.retentionClass,
                data: section.data
            )
        }
    }
}
