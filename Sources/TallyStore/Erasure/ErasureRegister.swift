// The register of erasures, as it is read.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
package import TallyVault

/// Reads erasures, what they have fenced, and who stands behind them.
package struct ErasureRegister: Sendable {
    private let reader: LogReader

    /// Reads through connections of role tally_operator or tally_executor.
    package init(pool: ConnectionPool) {
        reader = LogReader(pool: pool)
    }

    /// The erasure of that id.
    ///
    /// - Throws: `notFound` when there is none.
    package func find(_ id: DecisionID) async throws(StoreError) -> ErasureRow {
        guard let row = try await rows("erasure_id = $1", [.uuid(id.bytes)]).first else {
            throw StoreError(
                .notFound,
                "no erasure of that id",
                hint: "tally erasure list shows all of them"
            )
        }
        return row
    }

    /// All erasures, or those of one tenant, newest first.
    package func list(_ tenant: TenantID? = nil) async throws(StoreError) -> [ErasureRow] {
        guard let tenant else { return try await rows("true", []) }
        return try await rows("tenant_id = $1", [.uuid(tenant.bytes)])
    }

    /// The erasures that follow one in clones of its tenant, but for those that were refused.
    package func following(_ id: DecisionID) async throws(StoreError) -> [ErasureRow] {
        try await rows("follows = $1 AND state <> 'refused'", [.uuid(id.bytes)])
    }

    /// The clones of an erasure's tenant that it has not reached.
    package func waitingClones(_ id: DecisionID) async throws(StoreError) -> [TenantID] {
        try await reader.run { connection in
            let rows = try connection.query("SELECT tally.waiting_clones($1)", [.uuid(id.bytes)])
            return try (0..<rows.count).map { TenantID(try rows.bytes($0, 0)) ?? .zero }
        }
    }

    private func rows(
        _ condition: String,
        _ parameters: [Parameter]
    ) async throws(StoreError) -> [ErasureRow] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT \(ErasureRow.columns) FROM tally.erasure WHERE \(condition)
                ORDER BY requested_at DESC, erasure_id
                """,
                parameters
            )
            return try (0..<rows.count).map { try ErasureRow(rows, $0) }
        }
    }

    /// Whether enough people stand behind a request now.
    package func isApproved(_ id: DecisionID) async throws(StoreError) -> Bool {
        try await reader.run {
            try $0.query("SELECT tally.is_approved($1)", [.uuid(id.bytes)]).bool(0, 0)
        }
    }

    /// What other erasures have fenced of a tenant: keys, and the classes of one subject.
    package func fences(
        _ tenant: TenantID,
        _ subject: BlindTag
    ) async throws(StoreError) -> (keys: [KeyID], classes: [String]) {
        try await reader.run { connection in
            let keys = try connection.query(
                "SELECT key_id FROM tally.fenced_key WHERE tenant_id = $1",
                [.uuid(tenant.bytes)]
            )
            let classes = try connection.query(
                """
                SELECT DISTINCT retention_class FROM tally.key_fence
                WHERE tenant_id = $1 AND subject_tag = $2 AND readmitted_at IS NULL
                """,
                [.uuid(tenant.bytes), .bytea(subject.bytes)]
            )
            return (
                try (0..<keys.count).compactMap { Digest(try keys.bytes($0, 0)) },
                try (0..<classes.count).map { try classes.text($0, 0) }
            )
        }
    }

    /// Every fence of the ledger but those of some erasures, by tenant: what a restored key store must
    /// know first.
    package func allFences(but ids: [DecisionID]) async throws(StoreError) -> [TenantFences] {
        var column = ArrayColumn(.uuid)
        for id in ids { id.withUnsafeBytes { column.append($0) } }
        let left = Parameter(column)
        return try await reader.run { connection in
            let fences = try Self.fences(connection, but: left)
            let destroyed = try Self.keys(
                connection,
                where: "k.erasure_id <> ALL ($1) AND destroyed_at IS NOT NULL",
                [left]
            )
            let fenced = try Self.keys(
                connection,
                where: "k.erasure_id <> ALL ($1) AND destroyed_at IS NULL",
                [left]
            )
            return fences.sorted { $0.key < $1.key }.map { tenant, fences in
                TenantFences(
                    tenant: tenant,
                    fences: fences,
                    destroyed: destroyed[tenant] ?? [],
                    fenced: fenced[tenant] ?? []
                )
            }
        }
    }

    private static func fences(
        _ connection: Connection,
        but left: Parameter
    ) throws(PostgresError) -> [TenantID: [TenantFences.Fence]] {
        let rows = try connection.query(
            """
            SELECT f.tenant_id, f.subject_tag, f.retention_class, f.fenced_at, f.readmitted_at,
                e.destroyed_at IS NOT NULL
            FROM tally.key_fence f JOIN tally.erasure e USING (erasure_id)
            WHERE f.erasure_id <> ALL ($1)
            """,
            [left]
        )
        var fences: [TenantID: [TenantFences.Fence]] = [:]
        for row in 0..<rows.count {
            let tenant = TenantID(try rows.bytes(row, 0)) ?? .zero
            fences[tenant, default: []].append(
                TenantFences.Fence(
                    subjectTag: BlindTag(try rows.bytes(row, 1)) ?? .zero,
                    retentionClass: try rows.text(row, 2),
                    fencedAt: try rows.time(row, 3),
                    readmittedAt: try rows.optionalTime(row, 4),
                    isDestroyed: try rows.bool(row, 5)
                )
            )
        }
        return fences
    }

    private static func keys(
        _ connection: Connection,
        where condition: String,
        _ parameters: [Parameter] = []
    ) throws(PostgresError) -> [TenantID: [KeyID]] {
        let rows = try connection.query(
            """
            SELECT k.tenant_id, key_id FROM tally.fenced_key k JOIN tally.erasure e USING (erasure_id)
            WHERE \(condition)
            """,
            parameters
        )
        var keys: [TenantID: [KeyID]] = [:]
        for row in 0..<rows.count {
            guard let key = Digest(try rows.bytes(row, 1)) else { continue }
            keys[TenantID(try rows.bytes(row, 0)) ?? .zero, default: []].append(key)
        }
        return keys
    }

    /// Keys that the log says are destroyed, by tenant.
    package func destroyedKeys() async throws(StoreError) -> [TenantID: [KeyID]] {
        try await reader.run { try Self.keys($0, where: "destroyed_at IS NOT NULL") }
    }

    /// Epochs that the ledger's own log says are destroyed.
    package func receiptedEpochs() async throws(StoreError) -> Set<UInt64> {
        try await reader.run { connection in
            let rows = try connection.query("SELECT epoch FROM tally.epoch_receipt")
            return Set(try (0..<rows.count).map { try rows.natural($0, 0, as: UInt64.self) })
        }
    }

    /// Subjects who were readmitted: their tags by tenant.
    package func readmitted() async throws(StoreError) -> [(TenantID, BlindTag)] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT tenant_id, subject_tag FROM tally.key_fence GROUP BY 1, 2
                HAVING bool_and(readmitted_at IS NOT NULL)
                """
            )
            return try (0..<rows.count).map {
                (TenantID(try rows.bytes($0, 0)) ?? .zero, BlindTag(try rows.bytes($0, 1)) ?? .zero)
            }
        }
    }

    /// The keys that an erasure has fenced.
    package func fencedKeys(_ id: DecisionID) async throws(StoreError) -> [KeyID] {
        try await reader.run { connection in
            let rows = try connection.query(
                "SELECT key_id FROM tally.fenced_key WHERE erasure_id = $1 ORDER BY key_id",
                [.uuid(id.bytes)]
            )
            return try (0..<rows.count).compactMap { Digest(try rows.bytes($0, 0)) }
        }
    }

    /// Events that hold parts of an erasure, after a position.
    package func listedEvents(
        _ id: DecisionID,
        after position: Int,
        limit: Int
    ) async throws(StoreError) -> [Int] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT position FROM tally.erasure_event
                WHERE erasure_id = $1 AND position > $2 ORDER BY position LIMIT \(limit)
                """,
                [.uuid(id.bytes), .bigint(Int64(clamping: position))]
            )
            return try (0..<rows.count).map { try rows.natural($0, 0) }
        }
    }
}
