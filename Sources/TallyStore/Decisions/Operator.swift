// Operators: the people who decide about erasures, holds and restores, by their public keys.

package import TallyCore
package import TallyCrypto
package import TallyPostgres

/// An operator as the register has it.
package struct OperatorRow: Sendable {
    package let id: OperatorID
    package let publicKey: Ed25519PublicKey
    /// µs since 1970.
    package let addedAt: UInt64
    /// µs since 1970; `nil` while the operator may sign.
    package let endedAt: UInt64?
}

/// What an operator signs with.
package struct OperatorKey: Sendable {
    /// Whose key it is.
    package let id: OperatorID
    /// The key that others check signatures with.
    package let publicKey: Ed25519PublicKey
    private let key: Ed25519PrivateKey

    /// Takes a private key.
    package init(_ key: Ed25519PrivateKey) throws(CryptoError) {
        self.key = key
        publicKey = try key.publicKey
        id = OperatorID(of: publicKey)
    }

    /// Signs an approval whose approver this operator is.
    func sign(_ approval: Approval) throws(StoreError) -> Approval {
        var signed = approval
        signed.signature = try sign(approval.message)
        return signed
    }

    /// Signs a message; the result has 64 bytes.
    package func sign(_ message: [UInt8]) throws(StoreError) -> [UInt8] {
        do throws(CryptoError) {
            return try key.sign(message)
        } catch {
            throw StoreError(.misconfigured, error.description, hint: "check libcrypto")
        }
    }
}

/// The register of operators.
package struct OperatorRegister: Sendable {
    private let operators: LogReader

    /// Works with connections of role tally_operator.
    package init(pool: ConnectionPool) {
        operators = LogReader(pool: pool)
    }

    /// All operators, ended ones included, oldest first.
    package func list() async throws(StoreError) -> [OperatorRow] {
        try await operators.run { connection in
            let rows = try connection.query(
                """
                SELECT operator_id, public_key, added_at, ended_at FROM tally.operator
                ORDER BY added_at, operator_id
                """
            )
            return try (0..<rows.count).map { try Self.row(rows, $0) }
        }
    }

    private static func row(_ rows: Rows, _ row: Int) throws(PostgresError) -> OperatorRow {
        guard let id = OperatorID(try rows.bytes(row, 0)),
            let key = Ed25519PublicKey(try rows.bytes(row, 1))
        else { throw PostgresError(.unexpectedResult, message: "an operator of another shape") }
        return OperatorRow(
            id: id,
            publicKey: key,
            addedAt: try rows.time(row, 2),
            endedAt: try rows.optionalTime(row, 3)
        )
    }

    /// Whether one person decides alone in this ledger.
    package func hasSingleOperator() async throws(StoreError) -> Bool {
        try await flag("SELECT tally.has_single_operator()")
    }

    /// Whether an operator can be added without anybody's approval.
    package func isFounding() async throws(StoreError) -> Bool {
        try await flag("SELECT tally.is_founding() OR tally.has_single_operator()")
    }

    private func flag(_ query: String) async throws(StoreError) -> Bool {
        try await operators.run { try $0.query(query).bool(0, 0) }
    }

    /// Adds one of the first two operators, or any where one person decides alone.
    ///
    /// - Throws: `approvalRequired` once there are two, `exists` for a key that is or was one's.
    package func addFounder(_ key: Ed25519PublicKey) async throws(StoreError) -> OperatorID {
        try await operators.run { connection in
            let rows = try connection.query(
                "SELECT tally.add_founder($1)",
                [.bytea(key.bytes)]
            )
            return OperatorID(try rows.bytes(0, 0)) ?? .zero
        }
    }
}
