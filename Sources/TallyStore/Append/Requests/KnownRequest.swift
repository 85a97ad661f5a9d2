// Requests that were stored before: the log knows them by the ids of their events, for ever, and a
// retry is owed their receipts.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
package import TallyVault

/// Looks for a request that was stored before.
package struct KnownRequest: Sendable {
    private let writers: Session
    private let vault: Vault

    /// Reads through connections of role tally_writer.
    package init(pool: ConnectionPool, vault: Vault) {
        self.init(writers: Session(pool: pool), vault: vault)
    }

    init(writers: Session, vault: Vault) {
        self.writers = writers
        self.vault = vault
    }

    /// The receipts of a stored request; `nil` when there is none of that id.
    ///
    /// What was erased in it since counts as equal.
    /// - Throws: `requestReused` when it was another request; `erased` when the tenant was erased,
    ///   for then nobody can tell; `misconfigured` when it cannot be opened.
    package func receipts(
        of draft: RequestDraft,
        for tenant: TenantID
    ) async throws(Problem) -> [Receipt]? {
        // Ids that were drawn are nobody else's.
        if case .drawn(let drawn) = draft.id {
            let events = try await read(drawn, tenant)
            return try events.isEmpty ? nil : events.map(Self.receipt)
        }
        let events = try await read(eventIDs(draft, tenant), tenant)
        guard !events.isEmpty else { return nil }
        guard events.count == draft.events.count else { throw LaneWorker.requestReused }
        try await compare(events, with: draft, tenant)
        return try events.map(Self.receipt)
    }

    private func compare(
        _ events: [StoredEvent],
        with draft: RequestDraft,
        _ tenant: TenantID
    ) async throws(Problem) {
        let opened = try await EventOpener(vault: vault).open(events, of: tenant)
        guard opened.count == events.count else { throw Self.unreadable }
        for (event, draft) in zip(opened, draft.events) {
            switch StoredComparison(event, with: draft) {
            case .same: continue
            case .other: throw LaneWorker.requestReused
            case .unreadable: throw Self.unreadable
            }
        }
    }

    private static func receipt(_ event: StoredEvent) throws(Problem) -> Receipt {
        guard let leaf = try? Leaf(decoding: event.leaf) else { throw unreadable }
        var hash = SHA256()
        return Receipt(
            position: event.position,
            version: event.version ?? 0,
            recordedAt: Instant(micros: leaf.recordedAt),
            id: leaf.eventID,
            hash: Leaf.hash(event.leaf, with: &hash)
        )
    }

    /// One more than it has: a request that began with the same events is another one.
    private func eventIDs(
        _ draft: RequestDraft,
        _ tenant: TenantID
    ) async throws(Problem) -> [EventID] {
        do throws(VaultError) {
            let index = try await vault.indexKey(tenant)
            return (0...draft.events.count).map { draft.id.eventID($0, under: index) }
        } catch {
            throw Problem(error)
        }
    }

    private func read(
        _ ids: [EventID],
        _ tenant: TenantID
    ) async throws(Problem) -> [StoredEvent] {
        var column = ArrayColumn(.uuid)
        for id in ids { column.append(id.bytes) }
        let parameter = Parameter(column)
        return try await writers.run { connection in
            let rows = try connection.query(
                "SELECT * FROM tally.read_request($1, $2)",
                [.integer(try connection.slot(of: tenant)), parameter]
            )
            return try rows.map { row throws(PostgresError) in
                StoredEvent(
                    position: try row["event_position"].natural(),
                    stream: nil,
                    version: try row["event_version"].natural(),
                    leaf: try row["event_leaf"].bytes(),
                    body: try row["event_body"].bytes()
                )
            }
        }
    }

    private static let unreadable = Problem(
        .misconfigured,
        "an event of this request id is stored and does not open, so nobody can compare them",
        hint: "run \(.verifyOpening)"
    )
}
