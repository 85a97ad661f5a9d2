// Positions, times, versions and links, given out without a database: every receipt follows from
// the one before it.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@testable import TallyStore

struct LaneBatchTests {
    private let fixture = LaneFixture()
    private let tenant = TenantID.random()
    private let stream = BlindTag.random()

    @Test func eventsFollowTheKnownHead() {
        let head = KnownHead(size: 41, lastLeafHash: .zero, floor: 1000, versions: [stream: 7])
        let requests = [
            fixture.pending(tenant, "a", on: [(stream, .version(7)), (stream, .any)]),
            fixture.pending(tenant, "b", on: [(stream, .version(9))]),
        ]
        let batch = place(requests, head, now: 5000)
        let receipts = batch.placed.flatMap(\.request.receipts)
        #expect(receipts.map(\.position) == [41, 42, 43])
        #expect(receipts.map(\.version) == [8, 9, 10])
        #expect(receipts.map(\.recordedAt.micros) == [5000, 5001, 5002])
        #expect(batch.tenants.map(\.next.size) == [44])
        #expect(batch.tenants.map(\.next.versions) == [[stream: 10]])
        #expect(batch.tenants.map(\.next.floor) == [5002])
    }

    @Test func aClockBehindTheHeadGivesTheNextMicrosecond() {
        let head = KnownHead(size: 1, lastLeafHash: .zero, floor: 9000)
        let batch = place([fixture.pending(tenant, "a", events: 3)], head, now: 10)
        let receipts = batch.placed.flatMap(\.request.receipts)
        #expect(receipts.map(\.recordedAt.micros) == [9001, 9002, 9003])
    }

    @Test func aRequestWhoseExpectationFailsIsPlacedNowhere() {
        let head = KnownHead(size: 1, lastLeafHash: .zero, floor: 0, versions: [stream: 2])
        let other = BlindTag.random()
        let requests = [
            fixture.pending(tenant, "good", on: [(other, .noStream)]),
            fixture.pending(tenant, "bad", on: [(other, .any), (stream, .noStream)]),
            fixture.pending(tenant, "next", on: [(BlindTag.random(), .noStream)]),
        ]
        let batch = place(requests, head)
        #expect(batch.placed.map(\.request.pending.request.id) == ["good", "next"])
        #expect(batch.doubtful.map(\.request.id) == ["bad"])
        #expect(batch.placed.flatMap(\.request.receipts).map(\.position) == [1, 2])
        #expect(batch.columns.eventCount == 2)
    }

    @Test func whoeverIsBehindADoubtfulRequestOnItsStreamsWaitsWithIt() {
        let head = KnownHead(size: 1, lastLeafHash: .zero, floor: 0, versions: [stream: 2])
        let (second, third) = (BlindTag.random(), BlindTag.random())
        let requests = [
            fixture.pending(tenant, "early", on: [(stream, .version(3)), (second, .any)]),
            fixture.pending(tenant, "behind", on: [(second, .any), (third, .any)]),
            fixture.pending(tenant, "behind it", on: [(third, .any)]),
            fixture.pending(tenant, "free", on: [(BlindTag.random(), .any)]),
        ]
        let batch = place(requests, head)
        #expect(batch.doubtful.map(\.request.id) == ["early", "behind", "behind it"])
        #expect(batch.placed.map(\.request.pending.request.id) == ["free"])
    }

    @Test func aTenantWithoutAnyPlacedRequestIsNotInTheBatch() {
        let head = KnownHead(size: 1, lastLeafHash: .zero, floor: 0)
        let batch = place([fixture.pending(tenant, "bad", on: [(stream, .version(1))])], head)
        #expect(batch.tenants.isEmpty)
        #expect(batch.columns.eventCount == 0)
        #expect(batch.doubtful.count == 1)
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000), 3])
    func everyLeafFollowsFromTheOneBeforeIt(seed: UInt64) {
        print("lane batch: seed \(seed)")
        var random = SeededRandom(seed: seed)
        var hash = SHA256()
        var batch = LaneBatch()
        var now: UInt64 = 1000
        for number in 0..<20 {
            let tenant = TenantID.random()
            let head = KnownHead(
                size: Int.random(in: 0...9, using: &random),
                lastLeafHash: SHA256.hash([UInt8(number)]),
                floor: UInt64.random(in: 0...2000, using: &random)
            )
            let requests = (0..<Int.random(in: 1...9, using: &random)).map { number in
                fixture.pending(
                    tenant,
                    "\(number)",
                    events: Int.random(in: 1...5, using: &random)
                )
            }
            now += 100
            batch.add(
                TenantBatch(tenant: tenant, requests: requests),
                head: head,
                now: now,
                with: &hash
            )
            expectChain(batch.placed.filter { $0.tenant == number }.map(\.request), head, now)
        }
        #expect(batch.tenants.count == 20)
    }

    private func expectChain(_ placed: [LaneBatch.Placed], _ head: KnownHead, _ now: UInt64) {
        var previous = head.lastLeafHash
        var position = head.size
        var floor = head.floor
        for placed in placed {
            for (event, receipt) in zip(placed.pending.request.events, placed.receipts) {
                floor = max(now, floor + 1)
                let leaf = Leaf(
                    kind: .recorded,
                    tenant: placed.pending.request.tenant,
                    position: UInt64(position),
                    recordedAt: floor,
                    eventID: event.eventID,
                    previous: previous,
                    partDigests: event.digests
                )
                previous = SHA256.hash([0] + leaf.encoded())
                #expect(receipt.leafHash == previous.hex)
                #expect(receipt.position == position)
                position += 1
            }
        }
    }

    private func place(
        _ requests: [PendingRequest],
        _ head: KnownHead,
        now: UInt64 = 1
    ) -> LaneBatch {
        var hash = SHA256()
        var batch = LaneBatch()
        batch.add(
            TenantBatch(tenant: tenant, requests: requests),
            head: head,
            now: now,
            with: &hash
        )
        return batch
    }
}
