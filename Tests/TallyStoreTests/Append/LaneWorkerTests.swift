// One worker against a real database, a call at a time: what it answers, what it gives back and
// in which order, and that one request's trouble is nobody else's.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import TallyVault
import Tallystick
import Testing

@testable import TallyStore

@Suite(.database)
struct LaneWorkerTests {
    private let fixture = LaneFixture()
    private let stream = BlindTag.random()

    @Test func requestsAreJudgedInTheOrderInWhichTheyCame() async throws {
        let tenant = try await Self.tenant("acme")
        let worker = try Self.worker()
        _ = worker.store([batch(tenant, [("first", [(stream, .noStream)])])])
        // The first comes too early; only what is behind it would make it true.
        let leftovers = worker.store([
            batch(
                tenant,
                [
                    ("early", [(stream, .version(2))]), ("next", [(stream, .version(1))]),
                    ("after", [(stream, .version(2))]), ("other", [(BlindTag.random(), .noStream)]),
                ]
            )
        ])
        #expect(fixture.failure("early") == .versionConflict)
        #expect(fixture.receipts("other").map(\.position) == [2])
        #expect(leftovers.again.ids == [tenant: ["next", "after"]])
        #expect(worker.store(leftovers.again).again.isEmpty)
        #expect(fixture.receipts("next").map(\.version) == [2])
        #expect(fixture.receipts("after").map(\.version) == [3])
    }

    @Test func aWriterThatWasOvertakenKeepsTheOrderOfItsRequests() async throws {
        let tenant = try await Self.tenant("acme")
        let (worker, other) = (try Self.worker(), try Self.worker())
        _ = worker.store([batch(tenant, [("mine", [(stream, .noStream)])])])
        _ = other.store([batch(tenant, [("theirs", [(stream, .version(1))])])])
        // By what this worker knows, the first and the third do not find their versions.
        let leftovers = worker.store([
            batch(
                tenant,
                [
                    ("a", [(stream, .version(2))]), ("b", [(BlindTag.random(), .noStream)]),
                    ("c", [(stream, .version(3))]), ("d", [(BlindTag.random(), .noStream)]),
                ]
            )
        ])
        #expect(leftovers.again.ids == [tenant: ["a", "b", "c", "d"]])
        #expect(worker.store(leftovers.again).again.isEmpty)
        let positions = ["a", "b", "c", "d"].flatMap { fixture.receipts($0).map(\.position) }
        #expect(positions == [3, 4, 5, 6])
    }

    @Test func aListEndsAtTheRequestThatOnlyTheDatabaseRefuses() async throws {
        let tenant = try await Self.tenant("acme")
        let (worker, run) = (try Self.worker(), OrderedRun())
        let used = fixture.pending(tenant, "used")
        _ = worker.store([TenantBatch(tenant: tenant, requests: [used])])
        var list = ["a", "b", "-", "c", "d"].enumerated().map { ordinal, id in
            fixture.pending(tenant, id, on: [(BlindTag.random(), .any)], in: run, at: ordinal)
        }
        // The id is known, and whoever compares them finds another request.
        list[2] = PendingRequest(used.request, place: RunPlace(run: run, ordinal: 2)) { outcome in
            if case .known = outcome { run.settle(2, isStored: false) }
        }
        var waiting = [
            TenantBatch(tenant: tenant, requests: list)
        ]
        while !waiting.isEmpty { waiting = worker.store(waiting).again }
        #expect(["a", "b"].flatMap { fixture.receipts($0).map(\.position) } == [2, 3])
        #expect(fixture.failure("c") == .forbidden)
        #expect(fixture.failure("d") == .forbidden)
    }

    @Test func aTenantIsKnownHoweverManyVersionsTheWorkerRemembers() async throws {
        let tenants = [try await Self.tenant("acme"), try await Self.tenant("globex")]
        let worker = try Self.worker(HeadCache(versionLimit: 10))
        for round in 0..<4 {
            let leftovers = worker.store(
                tenants.map { tenant in
                    let requests = (0..<8).map {
                        (
                            "\(round) \(tenant.hex) \($0)",
                            [(BlindTag.random(), ExpectedVersion.noStream)]
                        )
                    }
                    return batch(tenant, requests)
                }
            )
            #expect(leftovers.again.isEmpty)
            for tenant in tenants {
                for number in 0..<8 {
                    let id = "\(round) \(tenant.hex) \(number)"
                    #expect(fixture.receipts(id).map(\.version) == [1], "\(id)")
                }
            }
        }
    }

    @Test func aRequestThatIsKnownMakesItsNeighboursTryAgainAndNobodyElse() async throws {
        let tenants = try await [Self.tenant("acme"), Self.tenant("globex")]
        let worker = try Self.worker()
        let old = fixture.pending(tenants[0], "old")
        _ = worker.store([TenantBatch(tenant: tenants[0], requests: [old])])
        let retry = fixture.retry(old, as: "retry")
        let leftovers = worker.store([
            TenantBatch(
                tenant: tenants[0],
                requests: [retry, fixture.pending(tenants[0], "beside")]
            ),
            batch(tenants[1], [("elsewhere", [(stream, .noStream)])]),
        ])
        #expect(fixture.isKnown("retry"))
        #expect(fixture.receipts("elsewhere").count == 1)
        #expect(leftovers.again.ids == [tenants[0]: ["beside"]])
        #expect(worker.store(leftovers.again).again.isEmpty)
        #expect(fixture.receipts("beside").map(\.position) == [2])
    }

    @Test func aBatchThatTheDatabaseRefusesFailsOnlyForWhomItIsRefused() async throws {
        let tenants = try await [Self.tenant("acme"), Self.tenant("globex")]
        let worker = try Self.worker()
        var requests = (0..<7).map { fixture.pending(tenants[0], "\($0)") }
        requests[3] = fixture.pending(tenants[0], "3", bytes: 40)
        let leftovers = worker.store([
            TenantBatch(tenant: tenants[0], requests: requests),
            batch(tenants[1], [("elsewhere", [(stream, .noStream)])]),
        ])
        #expect(leftovers.again.isEmpty)
        #expect(fixture.failure("3") == .invalid)
        let positions = (0..<7).flatMap { fixture.receipts("\($0)").map(\.position) }
        #expect(positions == [1, 2, 3, 4, 5, 6])
        #expect(fixture.receipts("elsewhere").count == 1)
    }

    @Test func aHeadThatIsHeldSendsItsTenantAwayAndLetsOthersPass() async throws {
        let tenants = try await [Self.tenant("acme"), Self.tenant("globex")]
        let worker = try Self.worker()
        let holder = try TestLedger.current.connection(role: "tally_writer")
        try holder.execute("BEGIN")
        _ = try holder.query(
            "SELECT size FROM tally.lock_head($1)",
            [.integer(try holder.slot(of: tenants[0]))]
        )
        let leftovers = worker.store([
            batch(tenants[0], [("held", [(stream, .noStream)])]),
            batch(tenants[1], [("free", [(stream, .noStream)])]),
        ])
        #expect(fixture.receipts("free").count == 1)
        #expect(leftovers.contested == [tenants[0]])
        try holder.execute("COMMIT")
        let batch = try #require(leftovers.again.first)
        #expect(worker.storeLocked(batch).again.isEmpty)
        #expect(fixture.receipts("held").map(\.position) == [1])
    }

    private func batch(
        _ tenant: TenantID,
        _ requests: [(String, [(BlindTag, ExpectedVersion)])]
    ) -> TenantBatch {
        TenantBatch(
            tenant: tenant,
            requests: requests.map { fixture.pending(tenant, $0.0, on: $0.1) }
        )
    }

    private static func tenant(_ name: String) async throws -> TenantID {
        try await TestLedger.current.open { try await $0.createTenant(named: name).id }
    }

    private static func worker(_ cache: HeadCache = HeadCache()) throws -> LaneWorker {
        let uri = try TestLedger.current.configuration.database
        return LaneWorker(
            configuration: ConnectionConfiguration(uri: uri, role: "tally_writer"),
            cache: cache,
            clock: { Micros.now() }
        )
    }
}
