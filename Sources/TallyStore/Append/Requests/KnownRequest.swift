// A retry of a request in which somebody was erased since: it cannot be sealed again, and its
// receipt is owed all the same.

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
        self.init(reader: Session(pool: pool), vault: vault)
    }

    init(reader: Session, vault: Vault) {
        writers = reader
        self.vault = vault
    }

    /// The receipts of a stored request; `nil` when there is none of that id.
    ///
    /// Once somebody in it was erased its digest is gone, and the id alone counts.
    /// - Throws: `requestReused` when it was another request.
    package func receipts(
        of draft: RequestDraft,
        for tenant: TenantID
    ) async throws(Problem) -> [Receipt]? {
        let digest = try await Sealer(vault: vault).digest(of: draft, for: tenant)
        return try await writers.run { connection in
            let rows = try connection.query(
                "SELECT digest, first_position, event_count FROM tally.judge($1, $2, '{}')",
                [.uuid(tenant.bytes), .text(draft.id)]
            )
            guard rows.count == 1, !rows.isNull(0, 1) else { return nil }
            if let stored = rows.optionalBytes(0, 0), let digest, Digest(stored) != digest {
                throw LaneWorker.requestReused
            }
            var hash = SHA256()
            return try LaneSession(connection: connection).receipts(
                tenant,
                first: try rows.integer(0, 1, as: Int.self),
                count: try rows.integer(0, 2, as: Int.self),
                with: &hash
            )
        }
    }
}

extension Receipt {
    /// Receipts of rows of position, version and leaf.
    static func read(
        _ rows: Rows,
        with hash: inout SHA256
    ) throws(PostgresError) -> [Receipt] {
        var receipts: [Receipt] = []
        for row in 0..<rows.count {
            let bytes = try rows.bytes(row, 2)
            guard let leaf = try? Leaf(decoding: bytes) else {
                throw PostgresError(.unexpectedResult, message: "a stored leaf is damaged")
            }
            receipts.append(
                Receipt(
                    position: try rows.natural(row, 0),
                    version: try rows.natural(row, 1),
                    recordedAt: Instant(micros: leaf.recordedAt),
                    id: leaf.eventID,
                    hash: Leaf.hash(bytes, with: &hash)
                )
            )
        }
        return receipts
    }
}
