// A request with everything that was signed about it, for those who check it.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// What stands behind a decision.
package struct SignedRequest: Sendable {
    /// Who asks.
    package let requester: OperatorID
    /// The canonical JSON that was signed.
    package let plan: [UInt8]
    /// The approvals' bytes, oldest first.
    package let approvals: [[UInt8]]
    /// Whether one person decides alone in this ledger, by the ledger's row.
    package let hasSingleOperator: Bool

    /// Reads a request through connections of role tally_executor or tally_operator.
    ///
    /// - Throws: `notFound` when there is none.
    package static func read(
        _ id: DecisionID,
        _ pool: ConnectionPool
    ) async throws(Problem) -> SignedRequest {
        let found: SignedRequest? = try await Session(pool: pool).run { connection in
            let request = try connection.query(
                """
                SELECT plan, tally.has_single_operator(), requester FROM tally.request
                WHERE request_id = $1
                """,
                [.uuid(id.bytes)]
            )
            guard request.count == 1 else { return nil }
            let approvals = try connection.query(
                """
                SELECT signed FROM tally.approval WHERE (slot, request_id) IN (
                    SELECT slot, request_id FROM tally.request WHERE request_id = $1)
                ORDER BY approved_at
                """,
                [.uuid(id.bytes)]
            )
            return SignedRequest(
                requester: OperatorID(try request.bytes(0, 2)) ?? .zero,
                plan: try request.bytes(0, 0),
                approvals: try (0..<approvals.count).map { try approvals.bytes($0, 0) },
                hasSingleOperator: try request.bool(0, 1)
            )
        }
        guard let found else {
            throw Problem(
                .notFound,
                "no request of that id",
                hint: "\(.listRequests(all: true)) shows all of them"
            )
        }
        return found
    }
}
