// What tests of roles and refusals ask the running test's ledger database, as a superuser who is
// bound by no row security.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick

/// The database of the running test.
enum Database {
    /// A superuser's connection with triggers on.
    static func superuser() throws -> Connection {
        try Connection(
            ConnectionConfiguration(uri: TestLedger.current.configuration.database)
        )
    }

    /// Creates a tenant of its own for a test.
    static func tenant(_ name: String) async throws -> TenantID {
        try await TestLedger.current.open { try await $0.createTenant(named: name).id }
    }
}

extension Connection {
    /// The first column of a query's rows.
    func texts(_ statement: String) throws -> [String] {
        let rows = try query(statement)
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    /// The number in a query's only row.
    func number(_ statement: String) throws -> Int {
        Int(try query(statement).integer(0, 0))
    }

    /// A digest of everything that an append could change.
    func contents() throws -> String {
        let tables = ["event", "head", "key_fence", "tenant", "ledger"]
        let parts = tables.map {
            "coalesce((SELECT string_agg(t::text, ',' ORDER BY t::text) FROM tally.\($0) t), '')"
        }
        return try texts("SELECT md5(\(parts.joined(separator: " || ';' || ")))").joined()
    }

    /// Why the server refused a statement; `nil` when it did not.
    func refusal(_ statement: String) -> PostgresError? {
        do throws(PostgresError) {
            _ = try query(statement)
            return nil
        } catch {
            return error
        }
    }
}
