// The register of erasures, as it is read.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Reads erasures, what they have fenced, and who stands behind them.
package struct ErasureRegister: Sendable {
    private let reader: Session

    /// Reads through connections of role tally_operator or tally_executor.
    package init(pool: ConnectionPool) {
        reader = Session(pool: pool)
    }

    /// The erasure of that id.
    ///
    /// - Throws: `notFound` when there is none.
    package func find(_ id: DecisionID) async throws(Problem) -> Erasure {
        guard let row = try await rows(Self.isOfID, [.uuid(id.bytes)]).first else {
            throw Problem(
                .notFound,
                "no erasure of that id",
                hint: "\(.listErasures) shows all of them"
            )
        }
        return row
    }

    /// All erasures, or those of one tenant, newest first.
    package func list(_ tenant: TenantID? = nil) async throws(Problem) -> [Erasure] {
        guard let tenant else { return try await rows("true", []) }
        return try await rows("tenant_id = $1", [.uuid(tenant.bytes)])
    }

    /// The erasures that follow one in clones of its tenant, but for those that were refused.
    package func following(_ id: DecisionID) async throws(Problem) -> [Erasure] {
        try await rows("follows = $1 AND state <> 'refused'", [.uuid(id.bytes)])
    }

    /// The clones of an erasure's tenant that it has not reached.
    package func waitingClones(_ id: DecisionID) async throws(Problem) -> [TenantID] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT c.tenant_id FROM tally.request r
                CROSS JOIN LATERAL tally.waiting_clones(r.slot, r.request_id) c (tenant_id)
                WHERE r.request_id = $1
                """,
                [.uuid(id.bytes)]
            )
            return try rows.map { row throws(PostgresError) in try row["tenant_id"].id() }
        }
    }

    /// No index has an erasure's id alone: it is its request's.
    private static let isOfID =
        "(slot, erasure_id) IN (SELECT slot, request_id FROM tally.request WHERE request_id = $1)"

    private func rows(
        _ condition: String,
        _ parameters: [Parameter]
    ) async throws(Problem) -> [Erasure] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT \(Erasure.columns) FROM tally.erasure JOIN tally.tenant USING (slot)
                WHERE \(condition)
                ORDER BY requested_at DESC, erasure_id
                """,
                parameters
            )
            return try rows.map { row throws(PostgresError) in try Erasure(row) }
        }
    }

    /// Whether enough people stand behind an erasure now.
    package func isApproved(_ erasure: Erasure) async throws(Problem) -> Bool {
        try await reader.run { connection in
            try connection.query(
                "SELECT tally.is_approved($1, $2)",
                [.integer(try connection.slot(of: erasure.tenant)), .uuid(erasure.id.bytes)]
            ).bool(0, 0)
        }
    }

    /// What other erasures have fenced of a tenant: keys, and the classes of one subject.
    package func fences(
        _ tenant: TenantID,
        _ subject: BlindTag
    ) async throws(Problem) -> (keys: [KeyID], classes: [String]) {
        try await reader.run { connection in
            let keys = try connection.query(
                "SELECT key_id FROM tally.fenced_key WHERE slot = $1",
                [.integer(try connection.slot(of: tenant))]
            )
            let classes = try connection.query(
                """
                SELECT DISTINCT retention_class FROM tally.key_fence
                WHERE slot = $1 AND subject_tag = $2 AND readmitted_at IS NULL
                """,
                [.integer(try connection.slot(of: tenant)), .bytea(subject.bytes)]
            )
            return (
                try keys.map { row throws(PostgresError) in try row["key_id"].digest() },
                try classes.map { row throws(PostgresError) in try row["retention_class"].text() }
            )
        }
    }

    /// Keys that the log says are destroyed, by tenant.
    package func destroyedKeys() async throws(Problem) -> [TenantID: [KeyID]] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT t.tenant_id, k.key_id
                FROM tally.fenced_key k JOIN tally.erasure e USING (slot, erasure_id)
                JOIN tally.tenant t USING (slot)
                WHERE e.destroyed_at IS NOT NULL
                """
            )
            var keys: [TenantID: [KeyID]] = [:]
            for row in rows {
                keys[try row["tenant_id"].id(), default: []].append(try row["key_id"].digest())
            }
            return keys
        }
    }

    /// Epochs that the ledger's own log says are destroyed.
    package func receiptedEpochs() async throws(Problem) -> Set<UInt64> {
        try await reader.run { connection in
            let rows = try connection.query("SELECT epoch FROM tally.epoch_receipt")
            return Set(
                try rows.map { row throws(PostgresError) in
                    try row["epoch"].natural(as: UInt64.self)
                }
            )
        }
    }

    /// Subjects who were readmitted: their tags by tenant.
    package func readmitted() async throws(Problem) -> [(TenantID, BlindTag)] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT tenant_id, subject_tag
                FROM tally.key_fence JOIN tally.tenant USING (slot) GROUP BY 1, 2
                HAVING bool_and(readmitted_at IS NOT NULL)
                """
            )
            return try rows.map { row throws(PostgresError) in
                (try row["tenant_id"].id(), try row["subject_tag"].id())
            }
        }
    }

    /// The keys that an erasure has fenced.
    package func fencedKeys(_ id: DecisionID) async throws(Problem) -> [KeyID] {
        try await reader.run { connection in
            let rows = try connection.query(
                "SELECT key_id FROM tally.fenced_key WHERE \(Self.isOfID) ORDER BY key_id",
                [.uuid(id.bytes)]
            )
            return try rows.map { row throws(PostgresError) in try row["key_id"].digest() }
        }
    }

    /// Events that hold parts of an erasure, after a position.
    package func listedEvents(
        _ erasure: Erasure,
        after position: Int,
        limit: Int
    ) async throws(Problem) -> [Int] {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT position FROM tally.erasure_event
                WHERE slot = $1 AND erasure_id = $2 AND position > $3
                ORDER BY position LIMIT \(limit)
                """,
                [
                    .integer(try connection.slot(of: erasure.tenant)), .uuid(erasure.id.bytes),
                    .bigint(Int64(clamping: position)),
                ]
            )
            return try rows.map { row throws(PostgresError) in try row["position"].natural() }
        }
    }
}
