// The register of erasures: each of these calls changes it together with the event that says so.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
package import TallyVault

/// Reads erasures and takes them from state to state.
package struct ErasureRegister: Sendable {
    private let operators: LogReader

    /// Works with connections of role tally_operator.
    package init(pool: ConnectionPool) {
        operators = LogReader(pool: pool)
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

    private func rows(
        _ condition: String,
        _ parameters: [Parameter]
    ) async throws(StoreError) -> [ErasureRow] {
        try await operators.run { connection in
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
        try await operators.run {
            try $0.query("SELECT tally.is_approved($1)", [.uuid(id.bytes)]).bool(0, 0)
        }
    }

    /// Fences an approved erasure: from here on nothing is stored that was sealed under `keys`.
    ///
    /// - Returns: its state: `fenced`, or `onHold` when a hold came first.
    /// - Throws: `approvalRequired` when the approval has run out.
    package func fence(
        _ id: DecisionID,
        _ keys: [KeyID]
    ) async throws(StoreError) -> ErasureState {
        var column = ArrayColumn(.bytea)
        for key in keys { key.withUnsafeBytes { column.append($0) } }
        return try await state("SELECT tally.fence_erasure($1, $2)", id, Parameter(column))
    }

    /// Looks whether a hold forbids an approved erasure, which is `onHold` then.
    package func checkHold(_ id: DecisionID) async throws(StoreError) -> ErasureState {
        try await state("SELECT tally.fence_erasure($1, NULL)", id)
    }

    private func state(
        _ query: String,
        _ id: DecisionID,
        _ parameters: Parameter...
    ) async throws(StoreError) -> ErasureState {
        let all = [.uuid(id.bytes)] + parameters
        let text = try await operators.run { try $0.query(query, all).text(0, 0) }
        return ErasureState(rawValue: text) ?? .approved
    }

    /// What other erasures have fenced of a tenant: keys, and the classes of one subject.
    package func fences(
        _ tenant: TenantID,
        _ subject: BlindTag
    ) async throws(StoreError) -> (keys: [KeyID], classes: [String]) {
        try await operators.run { connection in
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

    /// Every fence of the ledger, by tenant: what a restored key store must know first.
    package func allFences() async throws(StoreError) -> [TenantFences] {
        try await operators.run { connection in
            let fences = try Self.fences(connection)
            let keys = try Self.keys(connection)
            return fences.sorted { $0.key < $1.key }.map { tenant, fences in
                TenantFences(tenant: tenant, fences: fences, keys: keys[tenant] ?? [])
            }
        }
    }

    private static func fences(
        _ connection: Connection
    ) throws(PostgresError) -> [TenantID: [TenantFences.Fence]] {
        let rows = try connection.query(
            """
            SELECT tenant_id, subject_tag, retention_class, fenced_at, readmitted_at
            FROM tally.key_fence
            """
        )
        var fences: [TenantID: [TenantFences.Fence]] = [:]
        for row in 0..<rows.count {
            let tenant = TenantID(try rows.bytes(row, 0)) ?? .zero
            fences[tenant, default: []].append(
                TenantFences.Fence(
                    subjectTag: BlindTag(try rows.bytes(row, 1)) ?? .zero,
                    retentionClass: try rows.text(row, 2),
                    fencedAt: UInt64(clamping: try rows.integer(row, 3)),
                    readmittedAt: rows.isNull(row, 4)
                        ? nil : UInt64(clamping: try rows.integer(row, 4))
                )
            )
        }
        return fences
    }

    private static func keys(
        _ connection: Connection
    ) throws(PostgresError) -> [TenantID: [KeyID]] {
        let rows = try connection.query("SELECT tenant_id, key_id FROM tally.fenced_key")
        var keys: [TenantID: [KeyID]] = [:]
        for row in 0..<rows.count {
            guard let key = Digest(try rows.bytes(row, 1)) else { continue }
            keys[TenantID(try rows.bytes(row, 0)) ?? .zero, default: []].append(key)
        }
        return keys
    }

    /// Subjects who were readmitted: their tags by tenant.
    package func readmitted() async throws(StoreError) -> [(TenantID, BlindTag)] {
        try await operators.run { connection in
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

    /// The request behind an erasure, with the signatures under it, oldest first.
    package func request(
        _ id: DecisionID
    ) async throws(StoreError) -> (plan: [UInt8], approvals: [[UInt8]], hasSingleOperator: Bool) {
        try await operators.run { connection in
            let request = try connection.query(
                """
                SELECT plan, tally.has_single_operator() FROM tally.request WHERE request_id = $1
                """,
                [.uuid(id.bytes)]
            )
            let approvals = try connection.query(
                "SELECT signed FROM tally.approval WHERE request_id = $1 ORDER BY approved_at",
                [.uuid(id.bytes)]
            )
            return (
                try request.bytes(0, 0),
                try (0..<approvals.count).map { try approvals.bytes($0, 0) },
                try request.bool(0, 1)
            )
        }
    }

    /// The keys that an erasure has fenced.
    package func fencedKeys(_ id: DecisionID) async throws(StoreError) -> [KeyID] {
        try await operators.run { connection in
            let rows = try connection.query(
                "SELECT key_id FROM tally.fenced_key WHERE erasure_id = $1 ORDER BY key_id",
                [.uuid(id.bytes)]
            )
            return try (0..<rows.count).compactMap { Digest(try rows.bytes($0, 0)) }
        }
    }

    /// Notes which of some events hold parts of a fenced erasure.
    package func listParts(
        _ id: DecisionID,
        _ positions: [Int]
    ) async throws(StoreError) {
        try await call("SELECT tally.list_parts($1, $2)", id, Parameter(Self.column(positions)))
    }

    /// Events that hold parts of an erasure, after a position.
    package func listedEvents(
        _ id: DecisionID,
        after position: Int,
        limit: Int
    ) async throws(StoreError) -> [Int] {
        try await operators.run { connection in
            let rows = try connection.query(
                """
                SELECT position FROM tally.erasure_event
                WHERE erasure_id = $1 AND position > $2 ORDER BY position LIMIT \(limit)
                """,
                [.uuid(id.bytes), .bigint(Int64(position))]
            )
            return try (0..<rows.count).map { Int(try rows.integer($0, 0)) }
        }
    }

    /// Records that the fenced keys are destroyed, and which epoch was the newest then.
    package func recordDestruction(
        _ id: DecisionID,
        epoch: UInt64
    ) async throws(StoreError) {
        try await call("SELECT tally.record_destruction($1, $2)", id, .bigint(Int64(epoch)))
    }

    /// Empties the parts of some events; gives how many events were taken, and parts emptied.
    package func purge(
        _ id: DecisionID,
        _ positions: [Int]
    ) async throws(StoreError) -> (taken: Int, parts: Int) {
        let column = Parameter(Self.column(positions))
        return try await operators.run { connection in
            let rows = try connection.query(
                "SELECT taken, purged FROM tally.purge_parts($1, $2)",
                [.uuid(id.bytes), column]
            )
            return (Int(try rows.integer(0, 0)), Int(try rows.integer(0, 1)))
        }
    }

    /// Notes that the log holds nothing any more of what was erased.
    package func notePurged(_ id: DecisionID) async throws(StoreError) {
        try await call("SELECT tally.note_purged($1)", id)
    }

    /// Records that nothing is left to purge.
    ///
    /// - Throws: `projectionBehind` when a projection still has to follow.
    package func finishPurge(
        _ id: DecisionID,
        backupsUntil: UInt64
    ) async throws(StoreError) {
        try await call("SELECT tally.finish_purge($1, $2)", id, .bigint(Int64(backupsUntil)))
    }

    /// Records an epoch's end in slot 0, once.
    package func recordEpoch(_ receipt: DestructionReceipt) async throws(StoreError) {
        try await operators.run { connection in
            _ = try connection.query(
                "SELECT tally.record_epoch($1, $2, $3, $4)",
                [
                    .bigint(Int64(receipt.epoch)), .text(receipt.provider),
                    .bigint(Int64(receipt.destroyedAt)), .text(receipt.assurance),
                ]
            )
        }
    }

    /// Takes purged erasures on whose epochs are destroyed, and those whose backups have expired.
    ///
    /// - Parameter oldest: the oldest epoch that is not destroyed.
    /// - Returns: how many were taken on.
    /// - Throws: a ``StoreError``; what was taken on stays so.
    package func advance(oldestEpoch oldest: UInt64) async throws(StoreError) -> Int {
        try await operators.run { connection in
            Int(
                try connection.query(
                    "SELECT tally.advance_erasures($1)",
                    [.bigint(Int64(oldest))]
                ).integer(0, 0)
            )
        }
    }

    private func call(
        _ query: String,
        _ id: DecisionID,
        _ parameters: Parameter...
    ) async throws(StoreError) {
        let all = [.uuid(id.bytes)] + parameters
        try await operators.run { _ = try $0.query(query, all) }
    }

    private static func column(_ positions: [Int]) -> ArrayColumn {
        var column = ArrayColumn(.bigint)
        for position in positions { column.append(Int64(position)) }
        return column
    }
}
