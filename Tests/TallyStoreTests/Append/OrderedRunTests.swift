// A list of requests in the lane's hands: nothing is placed before its turn, and nothing behind one
// that was refused.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@testable import TallyStore

struct OrderedRunTests {
    private let fixture = LaneFixture()
    private let tenant = TenantID.random()
    private let stream = BlindTag.random()
    private let run = OrderedRun()

    @Test func aListIsPlacedInOneBatch() {
        let batch = place(["a", "b", "c"])
        #expect(batch.placed.map(\.request.pending.request.id) == ["a", "b", "c"])
    }

    @Test func nothingIsPlacedBehindADoubtfulOne() {
        let doubtful = fixture.pending(tenant, "b", on: [(stream, .version(9))], in: run, at: 1)
        let batch = place([
            pending("a", 0), doubtful, pending("c", 2), fixture.pending(tenant, "free"),
        ])
        #expect(batch.placed.map(\.request.pending.request.id) == ["a", "free"])
        #expect(batch.doubtful.map(\.request.id) == ["b"])
        #expect(batch.early.map(\.request.id) == ["c"])
    }

    @Test func nothingIsPlacedWhileOneInFrontIsElsewhere() {
        #expect(place([pending("b", 1), pending("c", 2)]).early.map(\.request.id) == ["b", "c"])
        run.settle(0, isStored: true)
        #expect(place([pending("b", 1), pending("c", 2)]).placed.count == 2)
    }

    @Test func whatIsBehindARefusedOneIsOver() {
        run.settle(1, isStored: false)
        let batch = place([pending("a", 0), pending("b", 1), pending("c", 2), pending("d", 3)])
        #expect(batch.placed.map(\.request.pending.request.id) == ["a", "b"])
        #expect(batch.over.map(\.request.id) == ["c", "d"])
        #expect(run.isRefused)
    }

    @Test func aRetryThatWasStoredBeforeIsPassed() {
        run.settle(1, isStored: true)
        let batch = place([pending("a", 0), pending("c", 2)])
        #expect(batch.placed.map(\.request.pending.request.id) == ["a", "c"])
        #expect(place([pending("c", 2)]).early.count == 1)
    }

    private func pending(_ id: String, _ ordinal: Int) -> PendingRequest {
        fixture.pending(tenant, id, on: [(BlindTag.random(), .any)], in: run, at: ordinal)
    }

    private func place(_ ids: [String]) -> LaneBatch {
        place(ids.enumerated().map { pending($1, $0) })
    }

    private func place(_ requests: [PendingRequest]) -> LaneBatch {
        var hash = SHA256()
        var batch = LaneBatch()
        batch.add(
            TenantBatch(tenant: tenant, requests: requests),
            head: KnownHead(size: 1, lastLeafHash: .zero, floor: 0),
            now: 1,
            with: &hash
        )
        return batch
    }
}
