// Where nothing was done nothing is found: every check of both tenants counts all it looked at,
// however the log is cut into ranges, and the root is that of the tree over the leaves.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// What the verifier says of a ledger that nobody touched.
@Suite(.database) struct IntactLogTests {
    @Test("an untouched ledger has no findings and full counts")
    func untouched() async throws {
        try await Specimen.with { specimen in
            for tenant in [specimen.acme, specimen.other] {
                for opening in [false, true] {
                    let verdict = try await specimen.verify(tenant, opening: opening)
                    #expect(verdict.isIntact, "\(verdict)")
                    #expect(verdict.size == 60)
                    #expect(verdict.passed.count == (opening ? 7 : 6))
                }
            }
            #expect(try await LedgerVerifier(pool: specimen.auditors).check().isEmpty)
        }
    }

    @Test("the ledger's own log has no findings and full counts")
    func ledgerTenant() async throws {
        try await Specimen.with { specimen in
            let verdict = try await TenantVerifier(
                pool: specimen.auditors,
                jobs: 1,
                vault: specimen.ledger.vault
            ).verify(specimen.ledgerTenant()) { _ in }
            #expect(!verdict.isBroken)
            #expect(verdict.size == 2)
            #expect(verdict.checks.allSatisfy { $0.outcome != .broken })
        }
    }

    @Test("a restored specimen is intact again")
    func restored() async throws {
        try await Specimen.with { specimen in
            try specimen.run("DELETE FROM tally.event; DELETE FROM tally.append_request")
            #expect(try await specimen.verify(specimen.acme).isBroken)
            try specimen.restore()
            #expect(try await specimen.verify(specimen.acme, opening: true).isIntact)
        }
    }

    @Test("checks that have nothing to compare with say so")
    func notRun() async throws {
        try await Specimen.with { specimen in
            let checks = try await specimen.verify(specimen.acme).checks
            let notRun = checks.filter { $0.outcome == .notRun }.map(\.name)
            #expect(notRun == ["checkpoints", "witnesses"])
            #expect(checks.filter { $0.outcome == .notAsked }.map(\.name) == ["columns"])
        }
    }

    @Test("a log of several ranges has one root, whatever the number of jobs")
    func ranges() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let tenant = try await ledger.createTenant(named: "long")
            let count = 2 * StoreLimits.pageEvents + 100
            try await Self.fill(tenant, count)
            let pool = ConnectionPool(
                ConnectionConfiguration(uri: test.configuration.database, role: "tally_auditor"),
                size: 4
            )
            defer { pool.close() }
            let root = try await Self.root(tenant, pool)
            for jobs in [1, 4] {
                let verdict = try await TenantVerifier(pool: pool, jobs: jobs, vault: nil)
                    .verify(tenant.id) { _ in }
                #expect(verdict.root == root)
                #expect(verdict.size == count + 1)
                #expect(!verdict.isBroken)
                #expect(verdict.checks.allSatisfy { $0.passed == $0.total })
            }
        }
    }

    private static func fill(_ tenant: Tenant, _ count: Int) async throws {
        let event = NewEvent.note("load/1", type: "load", data: "{}")
        let starts = stride(from: 0, to: count, by: StoreLimits.requestEvents)
        let requests = starts.map { start in
            let size = min(StoreLimits.requestEvents, count - start)
            return (events: Array(repeating: event, count: size), id: "from \(start)")
        }
        for result in await tenant.append(requests: requests) { _ = try result.get() }
    }

    /// The root of the tree over the leaves as they are stored.
    private static func root(_ tenant: Tenant, _ pool: ConnectionPool) async throws -> String {
        let reader = LogReader(pool: pool)
        let events = try await reader.events(tenant.id, 0..<Int(Int32.max))
        var hash = SHA256()
        var tree = MerkleTree()
        for event in events { tree.append(Leaf.hash(event.leaf, with: &hash), with: &hash) }
        return tree.root(with: &hash).hex
    }
}

extension Specimen {
    /// The tenant in slot 0.
    func ledgerTenant() throws -> TenantID {
        let rows = try attacker.query("SELECT tenant_id FROM tally.tenant WHERE slot = 0")
        return TenantID(try rows.bytes(0, 0)) ?? .zero
    }
}
