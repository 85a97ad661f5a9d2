// Two writers of one tenant for some seconds, one of them slowed: two ledgers in this process,
// and two real child processes. TALLY_TEST_SECONDS sets how long; 5 when not given.
// Each must get at least a tenth of its fair share, which is half of all that was stored.

import Foundation
import Synchronization
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database, .serialized)
struct TwoWriterTests {
    @Test func twoLedgersInOneProcessShareATenantAndNeitherStarves() async throws {
        let test = try TestLedger.current
        let id = try await test.open { try await $0.createTenant(named: "acme").id }
        async let quick = SharedWriter(test.configuration, pause: 0).run()
        async let slow = SharedWriter(test.configuration, pause: 5000).run()
        try await Self.expectFair(await quick, await slow, id)
    }

    @Test func twoChildProcessesShareATenantAndNeitherStarves() async throws {
        let test = try TestLedger.current
        let id = try await test.open { try await $0.createTenant(named: "acme").id }
        let scratch = try TestCluster.shared.get().scratch
        let plans = [0, 5000].map { pause in
            ChildPlan(
                test.configuration,
                pause: pause,
                output: "\(scratch)/\(UUID().uuidString)"
            )
        }
        let gate = try StartGate()
        async let quick: Void = Self.spawn(plans[0])
        async let slow: Void = Self.spawn(plans[1])
        try await gate.open(whenWaiting: 2)
        _ = await (quick, slow)
        let receipts = try plans.map { try $0.receipts() }
        try await Self.expectFair(receipts[0], receipts[1], id)
    }

    /// Runs a child to its end; waiting for it blocks a thread, so it gets threads of its own.
    private static func spawn(_ plan: ChildPlan) async {
        await withTaskExecutorPreference(OwnThreads()) {
            _ = await #expect(processExitsWith: .success) { [plan = plan as ChildPlan] in
                try await plan.run()
            }
        }
    }

    private static func expectFair(
        _ quick: [Receipt],
        _ slow: [Receipt],
        _ tenant: TenantID
    ) async throws {
        let fairShare = (quick.count + slow.count) / 2
        print("two writers: \(quick.count) and, slowed, \(slow.count); fair \(fairShare) each")
        #expect(quick.count >= fairShare / 10)
        #expect(slow.count >= fairShare / 10)
        #expect(try Witness.current.eventCount(tenant) == quick.count + slow.count)
        try Witness.current.expectTrue(quick + slow, tenant)
        try await Witness.current.expectSound(tenant)
    }
}

/// Runs each job on a new thread.
final class OwnThreads: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Sixteen callers of one ledger who write to the tenant acme until the time is over.
struct SharedWriter: Sendable {
    private let configuration: LedgerConfiguration

    /// Slows each batch, by a clock that takes `pause` µs to answer.
    init(_ configuration: LedgerConfiguration, pause: Int) {
        var configuration = configuration
        configuration.clock = {
            let end = Micros.now() + UInt64(pause)
            while Micros.now() < end {}
            return Micros.now()
        }
        self.configuration = configuration
    }

    static var duration: Duration {
        let text = ProcessInfo.processInfo.environment["TALLY_TEST_SECONDS"]
        return .seconds(text.flatMap { Int($0) } ?? 5)
    }

    func run() async throws -> [Receipt] {
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.tenant(named: "acme")
        let end = ContinuousClock.now + Self.duration
        let receipts = await callers(16) { number in
            var mine: [Receipt] = []
            while ContinuousClock.now < end {
                let answer = await acme.answer([.sample("s\(number % 4)")])
                guard !answer.receipts.isEmpty else { break }
                mine += answer.receipts
            }
            return mine
        }
        await ledger.close()
        return receipts.flatMap { $0 }
    }
}
