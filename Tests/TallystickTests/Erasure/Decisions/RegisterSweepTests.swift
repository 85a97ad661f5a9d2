// Whoever has the database, and no operator's key, alters the registers: every column of every row
// in turn, rows that are removed, and rows that are made up. Each is found, and nothing is decided
// while it stands.

import TallyCore
import TallyCrypto
import TallyDecisions
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct RegisterSweepTests {
    /// Tables with the column by which one row is told from the others.
    private static let tables = [
        "operator": "operator_id", "owner": "owner_id", "request": "request_id",
        "approval": "request_id",
        "erasure": "erasure_id", "hold": "hold_id", "key_fence": "erasure_id",
        "fenced_key": "key_id", "restore": "restore_id", "epoch_receipt": "epoch",
    ]

    /// Columns from which nothing follows: how they are altered is not found, and steers nothing.
    ///
    /// Deadlines are shown from `due_from`; that the server has removed old rows only the server
    /// knows, and a run does it again; how many digests went is told and not relied on; a fence's
    /// own time is that of its event. Whoever opens a request's sealed name holds it against the
    /// plan's tag.
    private static let inert: Set = [
        "erasure.due_from", "erasure.vacuumed_at", "erasure.purged_requests",
        "key_fence.fenced_at", "restore.began_at", "restore.ended_at",
        "request.subject_sealed",
    ]

    /// A value of a column's type that no row has.
    private static func altered(_ column: String, _ type: String) -> String {
        switch type {
        case "bigint", "integer", "smallint": "coalesce(\(column), 0) + 1"
        case "uuid": "gen_random_uuid()"
        case "text": "CASE \(column) WHEN 'refused' THEN 'approved' ELSE 'refused' END"
        case "bytea": "coalesce(set_byte(\(column), 0, get_byte(\(column), 0) # 1), '\\x00')"
        case "text[]": "array_append(\(column), 'x')"
        default: "array_append(coalesce(\(column), '{}'), 1)"
        }
    }

    private static func columns(
        _ table: String,
        _ connection: Connection
    ) throws -> [(name: String, type: String)] {
        try connection.query(
            """
            SELECT attname::text AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
            WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
            """,
            [.text("tally.\(table)")]
        ).map { row throws(PostgresError) in (try row["name"].text(), try row["type"].text()) }
    }

    /// Times of which only one thing follows: whether they are there.
    private static let switches: Set = ["erasure.purged_at", "key_fence.readmitted_at"]

    /// Times may differ from their events by a minute; these are altered by an hour.
    private static func change(_ table: String, _ column: (name: String, type: String)) -> String {
        let value =
            if switches.contains("\(table).\(column.name)") {
                "CASE WHEN \(column.name) IS NULL THEN 1 END"
            } else if column.name.hasSuffix("_at") {
                "coalesce(\(column.name), 0) + 3600000000"
            } else {
                altered(column.name, column.type)
            }
        return "UPDATE tally.\(table) SET \(column.name) = \(value)"
    }

    private func findings(_ ledger: Ledger, _ acme: Tenant) async throws -> Set<Finding.Name> {
        let own = try await Witness.current.findings(ledger.ownTenant)
        return Set((own + (try await Witness.current.findings(acme.id))).map(\.name))
    }

    private typealias Act = (name: String, act: () async throws -> Void)

    /// What somebody may want to do meanwhile: ask, carry out, certify, and restore the keys.
    private func acts(
        _ ledger: Ledger,
        _ acme: Tenant
    ) async throws -> [Act] {
        let erasures = try await ledger.erasures.list(acme)
        let done = try #require(erasures.first { $0.destroyedAt != nil }).id
        let pending = try #require(erasures.first { $0.state == .approved }).id
        let certificates = CertificateBuilder(ledger.decisionContext)
        return [
            (
                "hold",
                {
                    _ = try await ledger.decisions.placeHold(
                        on: "maria",
                        of: acme,
                        reviewAt: .later,
                        by: OperatorKey(Ed25519PrivateKey())
                    )
                }
            ),
            ("run", { _ = try await ledger.erasures.run(pending) }),
            ("certificate", { _ = try await certificates.build(done, signedBy: nil) }),
            ("key restore", { _ = try await ledger.keys.restore() }),
        ]
    }

    /// Which keys neither seal nor open.
    private static func withdrawnKeys() throws -> [String] {
        try Witness.current.keyStore().query(
            """
            SELECT state || encode(key_id, 'hex') AS key FROM tally_keys.key_record
            WHERE state <> 'active' ORDER BY 1
            """
        ).map { row throws(PostgresError) in try row["key"].text() }
    }

    /// Alters, looks whether it is found, and puts the table right again.
    private func expectFound(
        _ table: String,
        _ statement: String,
        _ acts: [Act],
        _ ledger: Ledger,
        _ acme: Tenant,
        _ attacker: Connection
    ) async throws {
        try attacker.execute("CREATE TEMP TABLE kept AS SELECT * FROM tally.\(table)")
        try attacker.execute(statement)
        #expect(try await findings(ledger, acme).contains(.alteredRegister), "\(statement)")
        let withdrawn = try Self.withdrawnKeys()
        for (name, act) in acts {
            let code = await problemCode(act)
            #expect(
                [.alteredRegister, .misconfigured, .notFound].contains(code),
                "\(statement): \(name)"
            )
        }
        #expect(try Self.withdrawnKeys() == withdrawn, "\(statement)")
        try attacker.execute(
            "DELETE FROM tally.\(table); INSERT INTO tally.\(table) SELECT * FROM kept; "
                + "DROP TABLE kept"
        )
    }

    @Test func everyColumnOfEveryRegisterIsHeldAgainstTheLog() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await EveryDecision.make(in: ledger)
            #expect(try await findings(ledger, acme).isEmpty)
            let attacker = try TestLedger.current.attacker()
            let acts = try await acts(ledger, acme)
            for (table, id) in Self.tables.sorted(by: { $0.key < $1.key }) {
                let rows = try attacker.query("SELECT \(id)::text AS id FROM tally.\(table)")
                #expect(!rows.isEmpty, "\(table)")
                for column in try Self.columns(table, attacker)
                where !Self.inert.contains("\(table).\(column.name)") {
                    for row in rows {
                        let place = " WHERE \(id)::text = '\(try row["id"].text())'"
                        let statement = Self.change(table, column) + place
                        guard try Self.isPossible(statement, attacker) else { continue }
                        try await expectFound(table, statement, acts, ledger, acme, attacker)
                    }
                }
                for row in rows {
                    let place = "WHERE \(id)::text = '\(try row["id"].text())'"
                    let statement = "DELETE FROM tally.\(table) \(place)"
                    try await expectFound(table, statement, acts, ledger, acme, attacker)
                }
            }
            #expect(try await findings(ledger, acme).isEmpty)
        }
    }

    /// Whether the table's own bounds let it through; what they refuse needs no finding.
    private static func isPossible(_ statement: String, _ attacker: Connection) throws -> Bool {
        try attacker.execute("BEGIN")
        defer { try? attacker.execute("ROLLBACK") }
        return (try? attacker.execute(statement)) != nil
    }
}
