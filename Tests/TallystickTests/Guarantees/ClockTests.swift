// The writer's clock: two seconds ahead of the database's is too much, an hour behind does not
// matter, and times rise within a tenant whatever the clock does.

import Synchronization
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database, .serialized)
struct ClockTests {
    @Test func aClockTenSecondsAheadStoresNothing() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.clock = { Micros.now() + 10_000_000 }
        try await use(configuration) { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let answers = await callers(20) { await acme.answer([.sample("s\($0)")]) }
            #expect(answers.allSatisfy { $0.problem == .misconfigured })
            #expect(try Witness.current.eventCount(acme.id) == 0)
        }
    }

    @Test func aClockSetBackAnHourKeepsTheOrder() async throws {
        let offset = Mutex(Int64(0))
        var configuration = try TestLedger.current.configuration
        configuration.clock = { UInt64(Int64(Micros.now()) + offset.withLock { $0 }) }
        try await use(configuration) { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var receipts: [Receipt] = []
            for step in 0..<30 {
                if step == 10 { offset.withLock { $0 = -3_600_000_000 } }
                if step == 20 { offset.withLock { $0 = 0 } }
                receipts += await acme.answer([.sample("s"), .sample("t")]).receipts
            }
            #expect(receipts.map(\.position) == Array(1...60))
            let back = receipts[20..<40].map(\.recordedAt)
            let last = receipts[19].recordedAt
            #expect(back == (1...20).map { last + .microseconds($0) }, "one microsecond on, each")
            try Witness.current.expectTrue(receipts, acme.id)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    private func use(
        _ configuration: LedgerConfiguration,
        _ body: (Ledger) async throws -> Void
    ) async throws {
        let ledger = try await Ledger.open(configuration)
        do {
            try await body(ledger)
        } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
    }
}
