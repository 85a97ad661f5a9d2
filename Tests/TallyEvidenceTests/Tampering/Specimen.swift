// A ledger with two tenants of 60 events each, and a superuser who alters it: every test of this
// folder tampers with one, says what the verifier must find, and puts everything back.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// A finding's name and place, which is all of it that tests compare.
struct Named: Hashable, CustomStringConvertible {
    let name: Finding.Name
    let position: Int?

    init(_ name: Finding.Name, _ position: Int? = nil) {
        self.name = name
        self.position = position
    }

    init(_ finding: Finding) { self.init(finding.name, finding.position) }

    var description: String { "\(name.rawValue) \(position.map { "\($0)" } ?? "-")" }
}

/// A ledger on the table.
///
/// Each tenant's log: 0 genesis; 1 to 45 an event each in five streams, event n with (n - 1) % 4
/// personal sections; 46 to 53 one request of eight; 54 frozen; 55 thawed; 56 to 59 an event each.
struct Specimen {
    /// What the lines of a verdict say of an intact tenant.
    static let full = [
        "hashes": 60, "links": 60, "bodies": 60, "head": 1, "event_ids": 60, "decisions": 0,
        "registers": 0, "keys": 0, "columns": 57,
    ]
    static let tables = ["event", "head", "tenant", "ledger"]
    /// Where acme is, the first tenant of its ledger.
    static let slot: Int32 = 1

    /// A superuser with triggers off.
    let attacker: Connection
    private let made: SpecimenLedger

    var ledger: Ledger { made.ledger }
    /// The one that is tampered with.
    var acme: Tenant { made.acme }
    /// The one that must stay intact.
    var other: Tenant { made.other }
    var auditors: ConnectionPool { made.auditors }

    /// Gives `body` the suite's specimen as it was made, or one of its own.
    static func with(_ body: (Specimen) async throws -> Void) async throws {
        let test = try TestLedger.current
        if let shared = SpecimenLedger.shared {
            let specimen = Specimen(attacker: try test.attacker(), made: shared)
            try specimen.restore()
            return try await body(specimen)
        }
        try await SpecimenLedger.with { made in
            try await body(Specimen(attacker: try test.attacker(), made: made))
        }
    }

    // MARK: - Tampering

    /// A statement with `:acme` for the tenant's slot.
    func run(_ statement: String) throws {
        try attacker.execute(statement.replacing(":acme", with: "\(Self.slot)"))
    }

    /// A column of one of acme's events.
    func bytes(_ column: String, at position: Int) throws -> [UInt8] {
        try attacker.query(
            "SELECT \(column) FROM tally.event WHERE slot = $1 AND position = $2",
            [.integer(Self.slot), .bigint(Int64(position))]
        ).bytes(0, 0)
    }

    /// Puts all rows back as they were.
    func restore() throws {
        let tables = Self.tables.map { table in
            "DELETE FROM tally.\(table); INSERT INTO tally.\(table) TABLE forge.\(table);"
        }
        try attacker.execute(tables.joined())
    }

    // MARK: - Looking

    func verify(_ tenant: Tenant, opening: Bool = false) async throws -> TenantVerdict {
        let vault = opening ? ledger.vault : nil
        return try await TenantVerifier(pool: auditors, jobs: 2, vault: vault)
            .verify(tenant.id) { _ in }
    }

    /// Tampers, compares the verdict, and undoes it.
    ///
    /// `expected` is exactly what must be found, and `short` says by how much lines of the verdict
    /// fall short of ``full``; all others are full.
    func tamper(
        _ statement: String,
        finds expected: [Named],
        short: [String: Int] = [:],
        opening: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try run(statement)
        let verdict = try await verify(acme, opening: opening)
        let where_ = Comment(rawValue: "\(statement)\n\(verdict.findings)")
        #expect(verdict.named == expected, where_, sourceLocation: sourceLocation)
        for (line, passed) in verdict.passed {
            let full = (Self.full[line] ?? 0) - (short[line] ?? 0)
            #expect(passed == full, "\(line): \(where_)", sourceLocation: sourceLocation)
        }
        let neighbour = try await verify(other, opening: opening)
        #expect(neighbour.isIntact, where_, sourceLocation: sourceLocation)
        try restore()
    }
}

extension TenantVerdict {
    /// Names and places of the findings, in order.
    var named: [Named] { findings.map { Named($0) } }

    /// What passed, by the name of each check that ran.
    var passed: [String: Int] {
        checks.filter { [.passed, .broken].contains($0.outcome) }
            .reduce(into: [:]) { $0[$1.name.rawValue] = $1.passed }
    }

    /// Whether nothing was found and every check that ran counts all it looked at.
    var isIntact: Bool {
        !isBroken && passed == Specimen.full.filter { passed[$0.key] != nil }
            && checks.allSatisfy { $0.outcome != .broken && $0.passed == $0.total }
    }
}
