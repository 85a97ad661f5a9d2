// Whoever has the database, and no operator's key, appends copies of decisions: each clear event of
// a log once more, signatures included. Both verifiers name each with the same word.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct LogSweepTests {
    /// A clear event as it stands in a log.
    private struct ClearEvent {
        let kind: Int
        let json: String
    }

    /// What may be said again: nothing is decided by it.
    private static let repeatable = ["\"skip\"", "\"unskip\"", "\"removeProjection\""]

    private static func clearEvents(
        _ tenant: TenantID,
        _ connection: Connection
    ) throws -> [ClearEvent] {
        try connection.query(
            """
            SELECT get_byte(leaf, 2) AS kind, convert_from(substr(body, 6), 'UTF8') AS json
            FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1)
                AND stream IS NULL AND position > 0
            ORDER BY position
            """,
            [.uuid(tenant.bytes)]
        ).map { row throws(PostgresError) in
            ClearEvent(kind: Int(try row["kind"].integer()), json: try row["json"].text())
        }
    }

    /// Appends an event, and gives its position.
    private static func append(
        _ event: ClearEvent,
        _ tenant: TenantID,
        _ connection: Connection
    ) throws -> Int {
        try connection.execute(
            "DROP TABLE IF EXISTS kept; CREATE TEMP TABLE kept AS SELECT * FROM tally.head"
        )
        let rows = try connection.query(
            """
            SELECT tally.append_clear(slot, $2, $3) AS position
            FROM tally.tenant WHERE tenant_id = $1
            """,
            [.uuid(tenant.bytes), .integer(Int32(event.kind)), .text(event.json)]
        )
        return try rows.first?["position"].natural() ?? 0
    }

    private static func takeBack(
        _ position: Int,
        _ tenant: TenantID,
        _ connection: Connection
    ) throws {
        _ = try connection.query(
            """
            DELETE FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1) AND position = $2
            """,
            [.uuid(tenant.bytes), .bigint(Int64(position))]
        )
        try connection.execute("DELETE FROM tally.head; INSERT INTO tally.head SELECT * FROM kept")
    }

    private func expectNamed(
        _ event: ClearEvent,
        _ tenant: TenantID,
        _ connection: Connection
    ) async throws {
        let position = try Self.append(event, tenant, connection)
        let swift = try await Witness.current.findings(tenant)
        #expect(
            swift.contains { $0.name == .undecided && $0.position == position },
            "\(event.kind) \(event.json)"
        )
        let python = try PythonVerifier(log: tenant, on: connection)
        #expect(
            python.output.contains("undecided change: event \(position):"),
            "\(event.kind) \(event.json)\n\(python.output)"
        )
        try Self.takeBack(position, tenant, connection)
    }

    @Test func everyDecisionThatIsCopiedIsNamedByBothVerifiers() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await EveryDecision.make(in: ledger)
            let attacker = try TestLedger.current.attacker()
            for tenant in [acme.id, ledger.ownTenant] {
                let events = try Self.clearEvents(tenant, attacker)
                #expect(events.count > 5)
                for event in events where !Self.repeatable.contains(where: event.json.contains) {
                    try await expectNamed(event, tenant, attacker)
                }
                #expect(try await Witness.current.findings(tenant).isEmpty)
                #expect(try PythonVerifier(log: tenant, on: attacker).status == 0)
            }
        }
    }

    /// Every action of kind 15.
    private static let actions = [
        "skip", "unskip", "request", "approve", "refuse", "addOperator", "endOperator", "addOwner",
        "endOwner", "removeProjection", "destroyEpoch",
    ]

    /// Each event under the name of every other action, and as every other kind of clear event.
    ///
    /// A genesis event that is not the first one has a finding of another name.
    private static func renamed(_ events: [ClearEvent]) throws -> [ClearEvent] {
        try events.flatMap { event -> [ClearEvent] in
            let object = try #require(JSONReader.parse(Array(event.json.utf8)).objectValue)
            let kinds = EventKind.allCases.filter { !$0.isSealed && $0 != .genesis }
                .map { Int($0.rawValue) }
            let moved = kinds.filter { $0 != event.kind }.map {
                ClearEvent(kind: $0, json: event.json)
            }
            guard let own = object["action"]?.stringValue else { return moved }
            return moved
                + actions.filter { $0 != own }.map { name in
                    var other = object
                    other["action"] = .string(JSONString(name))
                    let text = JSONValue.object(other).canonical()
                    return ClearEvent(kind: event.kind, json: String(decoding: text, as: UTF8.self))
                }
        }
    }

    @Test func everyDecisionUnderAnotherNameIsNamedByBothVerifiers() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await EveryDecision.make(in: ledger)
            let attacker = try TestLedger.current.attacker()
            for tenant in [acme.id, ledger.ownTenant] {
                let events = try Self.renamed(Self.clearEvents(tenant, attacker))
                #expect(events.count > 100)
                let positions = try events.map { try Self.append($0, tenant, attacker) }
                let swift = try await Witness.current.findings(tenant)
                    .filter { $0.name == .undecided }.compactMap(\.position)
                let python = try PythonVerifier(log: tenant, on: attacker).output
                for (event, position) in zip(events, positions)
                where !Self.repeatable.contains(where: event.json.contains) {
                    #expect(swift.contains(position), "\(event.kind) \(event.json)")
                    #expect(
                        python.contains("undecided change: event \(position):"),
                        "\(event.kind) \(event.json)"
                    )
                }
            }
        }
    }

    @Test func aDecisionOfAnotherLogIsNamed() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await EveryDecision.make(in: ledger)
            let globex = try await ledger.sampleTenant("globex")
            let attacker = try TestLedger.current.attacker()
            for event in try Self.clearEvents(acme.id, attacker) {
                try await expectNamed(event, globex.id, attacker)
            }
        }
    }
}
