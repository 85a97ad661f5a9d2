// A log whose ciphertext was purged, and what the three verifiers say of it: Swift, Python and SQL
// excuse the same parts, and find the same ones missing when somebody else has removed them.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct PurgedLogTests {
    @Test func allThreeVerifiersFindTheSameInAPurgedLog() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let purge = try Self.position(of: 7, acme)
            let destruction = try Self.position(of: 2, acme)
            try await Self.expectFindings([], in: acme, after: "nothing")
            for (tampering, expected) in Self.removals(purge: purge)
                + Self.excuses(destruction: destruction)
            {
                try await Self.tampering(tampering) {
                    try await Self.expectFindings(expected, in: acme, after: tampering)
                }
            }
        }
    }

    /// Changes of bodies, and what is found then: 1, 2 and 3 had parts of Maria's, 4 is Karl's.
    private static func removals(purge: Int) -> [(String, Set<String>)] {
        let update = "UPDATE tally.event SET body = "
        func at(_ position: Int) -> String { " WHERE slot = 1 AND position = \(position)" }
        return [
            (update + #"'\x0000000000000000'"# + at(4), ["missing body 4"]),
            (update + #"'\x000000000000000000000000'"# + at(1), ["missing body 1"]),
            (update + #"'\x00000000'"# + at(0), ["missing body 0"]),
            (update + "substr(body, 1, 50)" + at(1), ["altered body 1"]),
            (update + #"body || '\x00000000'"# + at(2), ["altered body 2"]),
            // The purge's own list: once it is altered it excuses nothing any more.
            (
                update + "set_byte(body, 20, 255 - get_byte(body, 20))" + at(purge),
                ["altered body \(purge)", "missing body 1", "missing body 2", "missing body 3"]
            ),
        ]
    }

    /// Karl's part removed with an event that lists it, in an intact chain: whoever can write such
    /// an event needs a destruction for it.
    private static func excuses(destruction: Int) -> [(String, Set<String>)] {
        func forged(_ destroyed: String) -> String {
            """
            SELECT tally.append_clear(1, 7, '{"destroyed":[\(destroyed)],"parts":[[4,1]]}');
            UPDATE tally.event SET body = overlay(body PLACING '\\x00000000' FROM
                5 + ('x' || encode(substr(body, 1, 4), 'hex'))::bit(32)::int
                FOR octet_length(body))
            WHERE slot = 1 AND position = 4
            """
        }
        return [
            (forged(""), ["missing body 4"]), (forged("1"), ["missing body 4"]),
            (forged("\(destruction - 1)"), ["missing body 4"]),
            (forged("1,\(destruction)"), ["missing body 4"]),
            (forged("999"), ["missing body 4"]), (forged("\(destruction)"), []),
        ]
    }

    /// Runs a statement with the rights of a superuser whose triggers are off, and undoes it.
    private static func tampering(
        _ statement: String,
        _ body: () async throws -> Void
    ) async throws {
        let attacker = try TestLedger.current.attacker()
        for table in ["event", "head"] {
            try attacker.execute("CREATE TABLE public.kept_\(table) AS TABLE tally.\(table)")
        }
        try attacker.execute(statement)
        try await body()
        for table in ["event", "head"] {
            try attacker.execute(
                """
                DELETE FROM tally.\(table);
                INSERT INTO tally.\(table) TABLE public.kept_\(table);
                DROP TABLE public.kept_\(table)
                """
            )
        }
    }

    private static func position(of kind: Int, _ tenant: Tenant) throws -> Int {
        let rows = try Witness.current.superuser().query(
            """
            SELECT position FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1)
                AND get_byte(leaf, 2) = $2
            """,
            [.uuid(tenant.id.bytes), .integer(Int32(kind))]
        )
        #expect(rows.count == 1)
        return Int(try rows.integer(0, 0))
    }

    private static func expectFindings(
        _ expected: Set<String>,
        in tenant: Tenant,
        after statement: String
    ) async throws {
        let comment = Comment(rawValue: statement)
        #expect(try sql(tenant) == expected, comment)
        // The functions of the database check no decisions.
        let expected = expected.union(try undecided(tenant, expected))
        #expect(try await swift(tenant) == expected, comment)
        let python = try PythonVerifier(log: tenant.id, on: Witness.current.superuser())
        #expect(named(python.output) == expected, "\(statement)\n\(python.output)")
        #expect(python.status == (expected.isEmpty ? 0 : 3), comment)
    }

    /// A purge that somebody appended behind the end of the erasure, and that end where nobody can
    /// read what was purged before it.
    private static func undecided(
        _ tenant: Tenant,
        _ others: Set<String>
    ) throws -> Set<String> {
        let rows = try Witness.current.superuser().query(
            """
            SELECT position FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1)
                AND get_byte(leaf, 2) = 7 ORDER BY position
            """,
            [.uuid(tenant.id.bytes)]
        )
        let purges = try rows.map { row throws(PostgresError) in try row["position"].natural() }
        let ends = purges.filter { others.contains("altered body \($0)") }.map { $0 + 1 }
        return Set((purges.dropFirst() + ends).map { "undecided change \($0)" })
    }

    private static func swift(_ tenant: Tenant) async throws -> Set<String> {
        let configuration = try TestLedger.current.configuration
        let pool = configuration.pool(role: "tally_auditor")
        defer { pool.close() }
        let verdict = try await TenantVerifier(pool: pool, jobs: 1, vault: nil)
            .verify(tenant.id) { _ in }
        return Set(verdict.findings.map { "\($0.name.rawValue) \($0.position ?? -1)" })
    }

    private static func sql(_ tenant: Tenant) throws -> Set<String> {
        let rows = try TestLedger.current.connection(role: "tally_auditor").query(
            """
            SELECT finding || ' ' || broken_position FROM tally.tenant t
            CROSS JOIN LATERAL tally.verify_range(t.slot, 0, 1000)
            WHERE t.tenant_id = $1
            """,
            [.uuid(tenant.id.bytes)]
        )
        return try Set((0..<rows.count).map { try rows.text($0, 0) })
    }

    /// Name and place of lines such as `missing body: event 4: reason`.
    private static func named(_ output: String) -> Set<String> {
        Set(
            output.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: ": ")
                guard fields.count > 2, let name = Finding.Name(rawValue: String(fields[0]))
                else { return nil }
                return "\(name.rawValue) \(fields[1].split(separator: " ").last ?? "")"
            }
        )
    }
}
