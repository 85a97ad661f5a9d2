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
        "hashes": 60, "links": 60, "bodies": 60, "head": 1, "event ids": 60, "requests": 50,
        "columns": 57,
    ]
    private static let tables = ["event", "head", "tenant", "ledger", "append_request"]

    let ledger: Ledger
    /// The one that is tampered with.
    let acme: Tenant
    /// The one that must stay intact.
    let other: Tenant
    /// A superuser with triggers off.
    let attacker: Connection
    let auditors: ConnectionPool

    /// Makes a specimen in the ledger of the running test.
    static func with(_ body: (Specimen) async throws -> Void) async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme", region: "eu-north")
            let other = try await ledger.createTenant(named: "other")
            for tenant in [acme, other] { try await write(tenant) }
            let auditors = ConnectionPool(
                ConnectionConfiguration(uri: test.configuration.database, role: "tally_auditor"),
                size: 4
            )
            defer { auditors.close() }
            let specimen = Specimen(
                ledger: ledger,
                acme: acme,
                other: other,
                attacker: try test.attacker(),
                auditors: auditors
            )
            try specimen.attacker.execute(Attack.functions)
            try specimen.keepCopy()
            try await body(specimen)
        }
    }

    private static func write(_ tenant: Tenant) async throws {
        func single(_ number: Int) -> (events: [NewEvent], id: String) {
            ([event(number)], "single \(number)")
        }
        let many = (46...53).map { event($0) }
        var results = await tenant.append(
            requests: (1...45).map { single($0) } + [(events: many, id: "eight")]
        )
        for isFrozen in [true, false] {
            _ = try await tenant.ledger.registry.setFrozen(isFrozen, tenant.id)
        }
        results += await tenant.append(requests: (56...59).map { single($0) })
        for result in results { _ = try result.get() }
    }

    private static func event(_ number: Int) -> NewEvent {
        let persons = (0..<(number - 1) % 4).map {
            ("person:\($0)", #"{"name":"\#(number)"}"#)
        }
        return .patch(
            "crm/contact/\(number % 5)",
            type: "contact.updated",
            data: #"{"number":\#(number)}"#,
            personal: Dictionary(uniqueKeysWithValues: persons)
        )
    }

    // MARK: - Tampering

    /// A statement with `:acme` for the tenant's id.
    func run(_ statement: String) throws {
        try attacker.execute(statement.replacing(":acme", with: "'\(acme.id.hex)'::uuid"))
    }

    /// A column of one of acme's events.
    func bytes(_ column: String, at position: Int) throws -> [UInt8] {
        try attacker.query(
            "SELECT \(column) FROM tally.event WHERE tenant_id = $1 AND position = $2",
            [.uuid(acme.id.bytes), .bigint(Int64(position))]
        ).bytes(0, 0)
    }

    private func keepCopy() throws {
        let copies = Self.tables.map { "CREATE TABLE forge.\($0) AS TABLE tally.\($0);" }
        try attacker.execute(copies.joined())
    }

    /// Puts all rows back as they were.
    func restore() throws {
        let names = Self.tables.map { "tally.\($0)" }.joined(separator: ", ")
        let copies = Self.tables.map { "INSERT INTO tally.\($0) TABLE forge.\($0);" }
        try attacker.execute("TRUNCATE \(names);" + copies.joined())
    }

    // MARK: - Looking

    func verify(_ tenant: Tenant, opening: Bool = false) async throws -> TenantVerdict {
        let vault = opening ? ledger.vault : nil
        return try await TenantVerifier(pool: auditors, jobs: 2, vault: vault)
            .verify(tenant.id) { _ in }
    }

    /// Tampers, compares the verdict, and undoes it.
    ///
    /// - Parameters:
    ///   - expected: exactly what must be found.
    ///   - short: by how much lines of the verdict fall short of ``full``; all others are full.
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
            .reduce(into: [:]) { $0[$1.name] = $1.passed }
    }

    /// Whether nothing was found and every check that ran counts all it looked at.
    var isIntact: Bool {
        !isBroken && passed == Specimen.full.filter { passed[$0.key] != nil }
            && checks.allSatisfy { $0.outcome != .broken && $0.passed == $0.total }
    }
}
