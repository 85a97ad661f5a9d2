// The ledger under a specimen, made once for a suite: copying databases for each of a hundred tests
// would cost more than all of the tests.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// A ledger with two tenants of 60 events each, with copies of its rows in the schema forge.
struct SpecimenLedger: Sendable {
    /// The one of the running suite; set by the trait `.specimen`.
    @TaskLocal static var shared: SpecimenLedger?

    let ledger: Ledger
    let acme: Tenant
    let other: Tenant
    let auditors: ConnectionPool

    /// Makes one in the running test's ledger, gives it to `body` and ends its connections.
    static func with(_ body: (SpecimenLedger) async throws -> Void) async throws {
        let test = try TestLedger.current
        try await Admission.open { ledger in
            let acme = try await ledger.createTenant(named: "acme", region: "eu-north")
            let other = try await ledger.createTenant(named: "other")
            for tenant in [acme, other] { try await write(tenant) }
            let copies = Specimen.tables.map { "CREATE TABLE forge.\($0) AS TABLE tally.\($0);" }
            try test.attacker().execute(Attack.functions + copies.joined())
            let auditors = ConnectionPool(
                ConnectionConfiguration(uri: test.configuration.database, role: "tally_auditor"),
                size: 3
            )
            defer { auditors.close() }
            try await body(
                SpecimenLedger(ledger: ledger, acme: acme, other: other, auditors: auditors)
            )
        }
    }

    private static func write(_ tenant: Tenant) async throws {
        func single(_ number: Int) -> AppendRequest {
            AppendRequest([event(number)], id: "single \(number)")
        }
        let many = (46...53).map { event($0) }
        var results = await tenant.append(
            requests: (1...45).map { single($0) } + [AppendRequest(many, id: "eight")]
        )
        _ = try await tenant.ledger.registry.freeze(tenant.id)
        _ = try await tenant.ledger.registry.thaw(tenant.id)
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
            personal: Sections(persons)
        )
    }
}

/// Gives a suite one specimen; its tests must be `.serialized`, and each finds it as it was made.
struct SpecimenTrait: SuiteTrait, TestScoping {
    let isRecursive = false

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await TestLedger.with {
            try await SpecimenLedger.with { specimen in
                try await SpecimenLedger.$shared.withValue(specimen) { try await function() }
            }
        }
    }
}

extension Trait where Self == SpecimenTrait {
    /// A specimen for the tests of a suite, one after the other.
    static var specimen: SpecimenTrait { SpecimenTrait() }
}
