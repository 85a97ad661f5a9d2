// A log of more rows than fit into two ranges: it has one root however it is cut and read, and a
// tampering of thousands of rows is counted to the last one in the same memory.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// Logs that are read range by range.
@Suite(.database) struct LongLogTests {
    private static let size = 2 * StoreLimits.pageEvents + 101

    private struct LongLog {
        let tenant: TenantID
        let attacker: Connection
        let pool: ConnectionPool

        func verify(jobs: Int = 2) async throws -> TenantVerdict {
            try await TenantVerifier(pool: pool, jobs: jobs, vault: nil).verify(tenant) { _ in }
        }
    }

    private func withLog(_ body: (LongLog) async throws -> Void) async throws {
        let test = try TestLedger.current
        try await Admission.open { ledger in
            let tenant = try await ledger.createTenant(named: "long")
            let event = NewEvent.note("load/1", type: "load", data: "{}")
            let starts = stride(from: 1, to: Self.size, by: StoreLimits.requestEvents)
            let requests = starts.map { start in
                let count = min(StoreLimits.requestEvents, Self.size - start)
                return AppendRequest(Array(repeating: event, count: count), id: "from \(start)")
            }
            for result in await tenant.append(requests: requests) { _ = try result.get() }
            let pool = ConnectionPool(
                ConnectionConfiguration(uri: test.configuration.database, role: "tally_auditor"),
                size: 4
            )
            defer { pool.close() }
            try await body(
                LongLog(tenant: tenant.id, attacker: test.attacker(), pool: pool)
            )
        }
    }

    @Test("a log of several ranges has one root, whatever the number of jobs")
    func ranges() async throws {
        try await withLog { log in
            let root = try await Self.root(log)
            for jobs in [0, 1, 4, 40] {
                let verdict = try await log.verify(jobs: jobs)
                #expect(verdict.root == root)
                #expect(verdict.size == Self.size)
                #expect(!verdict.isBroken)
                #expect(verdict.checks.allSatisfy { $0.passed == $0.total })
            }
        }
    }

    /// The root of the tree over the leaves as they are stored.
    private static func root(_ log: LongLog) async throws -> String {
        let events = try await Session(pool: log.pool).events(log.tenant, 0..<Int(Int32.max))
        var hash = SHA256()
        var tree = MerkleTree()
        for event in events { tree.append(Leaf.hash(event.leaf, with: &hash), with: &hash) }
        return tree.root(with: &hash).hex
    }

    @Test("tamperings of thousands of rows are all counted, and the first 1000 listed")
    func thousands() async throws {
        try await withLog { log in
            try await alterLeaves(log)
            try await alterBodies(log)
            #expect(try await !log.verify().isBroken)
            try await leaveGap(log)
        }
    }

    private func alterLeaves(_ log: LongLog) async throws {
        // Of rows altered elsewhere than in `previous` nothing accuses the first.
        for (byte, first) in [(40, 101), (60, 100)] {
            let flip = """
                UPDATE tally.event
                SET leaf = set_byte(leaf, \(byte), get_byte(leaf, \(byte)) # 1)
                WHERE slot = 1 AND position >= 100 AND position < 3100
                """
            try log.attacker.execute(flip)
            let verdict = try await log.verify(jobs: 4)
            #expect(verdict.findings.count == LogVerifier.maximumFindings)
            #expect(verdict.findingCount == 3100 - first)
            #expect(verdict.named.first == Named(.alteredLeaf, first))
            #expect(verdict.named.last == Named(.alteredLeaf, first + 999))
            // The row before altered links is not proven either.
            let intact = Self.size - (byte == 40 ? 3000 : 3001)
            #expect(verdict.passed["hashes"] == intact)
            try log.attacker.execute(flip)
        }
    }

    private func alterBodies(_ log: LongLog) async throws {
        try log.attacker.execute("UPDATE tally.event SET body = body || body WHERE slot = 1")
        let verdict = try await log.verify()
        #expect(verdict.findingCount == Self.size)
        #expect(verdict.passed["hashes"] == Self.size)
        #expect(verdict.passed["bodies"] == 0)
        try log.attacker.execute(
            """
            UPDATE tally.event SET body = substr(body, 1, octet_length(body) / 2)
            WHERE slot = 1
            """
        )
    }

    private func leaveGap(_ log: LongLog) async throws {
        try log.attacker.execute(
            """
            DELETE FROM tally.event WHERE slot = 1
                AND position >= 10 AND position < \(Self.size - 5)
            """
        )
        for jobs in [1, 4] {
            let verdict = try await log.verify(jobs: jobs)
            #expect(verdict.named == [Named(.missingEvent, 10)])
            #expect(verdict.findingCount == Self.size - 15)
            #expect(verdict.passed["bodies"] == 15)
            #expect(verdict.passed["hashes"] == 14)
        }
    }
}
