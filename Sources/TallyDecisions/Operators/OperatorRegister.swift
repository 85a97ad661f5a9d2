// Who may decide, as the register has it.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyStore
internal import TallyVault

/// The register of operators.
package struct OperatorRegister: Sendable {
    private let operators: Session

    /// Works with connections of role tally_operator.
    package init(pool: ConnectionPool) {
        operators = Session(pool: pool)
    }

    /// All operators, ended ones included, oldest first.
    package func list() async throws(Problem) -> [Operator] {
        try await operators.run { connection in
            let rows = try connection.query(
                """
                SELECT operator_id, public_key, person, added_at, ended_at FROM tally.operator
                ORDER BY added_at, operator_id
                """
            )
            return try rows.map { row throws(PostgresError) in try Operator(row) }
        }
    }

    /// Whether one person decides alone in this ledger.
    package func hasSingleOperator() async throws(Problem) -> Bool {
        try await flag("SELECT tally.has_single_operator()")
    }

    /// Whether an operator can be added without anybody's approval.
    package func isFounding() async throws(Problem) -> Bool {
        try await flag("SELECT tally.is_founding() OR tally.has_single_operator()")
    }

    private func flag(_ query: String) async throws(Problem) -> Bool {
        try await operators.run { try $0.query(query).bool(0, 0) }
    }

    /// Adds one of the first two operators, or any where one person decides alone.
    ///
    /// - Throws: `approvalRequired` once there are two, `exists` for a key that is or was one's.
    package func addFounder(
        _ key: SignerKey,
        person: OperatorID?
    ) async throws(Problem) -> OperatorID {
        try await operators.run { connection in
            let rows = try connection.query(
                "SELECT tally.add_founder($1, $2)",
                [.bytea(key.bytes), .uuid(person?.bytes)]
            )
            return OperatorID(try rows.bytes(0, 0)) ?? .zero
        }
    }
}

extension Operator {
    fileprivate init(_ row: Row) throws(PostgresError) {
        guard let key = SignerKey(try row["public_key"].bytes()) else {
            throw PostgresError(.unexpectedResult, message: "an operator of another shape")
        }
        self.init(
            id: try row["operator_id"].id(),
            publicKey: key,
            person: try row["person"].id(),
            addedAt: try row["added_at"].instant(),
            endedAt: try row["ended_at"].optionalInstant()
        )
    }
}
