// Fairness and order in a lane: nobody fills a batch alone while others wait, nobody is passed
// over, and each tenant's requests leave in the order in which they came.

import TallyCore
import TallyTesting
import Testing

@testable import TallyStore

struct LaneLinesTests {
    private let fixture = LaneFixture()
    private let one = TenantID.random()
    private let other = TenantID.random()

    @Test func aTenantAloneFillsTheBatch() {
        var lines = LaneLines()
        push(1500, of: one, to: &lines)
        #expect(lines.takeReady().eventCount() == 1000)
        #expect(lines.takeReady().eventCount() == 500)
        #expect(lines.takeReady().isEmpty)
        #expect(lines.count == 0)
        #expect(lines.bytes == 0)
    }

    @Test func aTenantGetsAtMostHalfABatchWhileAnotherWaits() {
        var lines = LaneLines()
        push(3000, of: one, to: &lines)
        push(1, of: other, to: &lines)
        let batch = lines.takeReady()
        #expect(batch.eventCount(one) == 500)
        #expect(batch.eventCount(other) == 1)
        #expect(lines.takeReady().eventCount(one) == 1000)
    }

    @Test func aRequestOfManyEventsIsNeverSplitNorPassedOver() {
        var lines = LaneLines()
        for number in 0..<4 { lines.append(fixture.pending(one, "\(number)", events: 400)) }
        lines.append(fixture.pending(other, "small"))
        #expect(lines.takeReady().ids == [one: ["0"], other: ["small"]])
        #expect(lines.takeReady().ids == [one: ["1", "2"]])
        #expect(lines.takeReady().ids == [one: ["3"]])
    }

    @Test func aBatchHasAtMostFourMebibytesFromItsSecondRequestOn() {
        var lines = LaneLines()
        let sizes = [5 << 20, 1 << 20, 2 << 20, 1 << 20, 1]
        for (number, size) in sizes.enumerated() {
            lines.append(fixture.pending(one, "\(number)", bytes: max(size, 61)))
        }
        #expect(lines.bytes == sizes.dropLast().reduce(61, +))
        #expect(lines.takeReady().ids == [one: ["0"]])
        #expect(lines.takeReady().ids == [one: ["1", "2", "3"]])
        #expect(lines.takeReady().ids == [one: ["4"]])
    }

    @Test func aLargeRequestThatDoesNotFitIsFirstInTheNextBatch() {
        var lines = LaneLines()
        lines.append(fixture.pending(one, "small", bytes: 1 << 20))
        lines.append(fixture.pending(other, "large", bytes: 4 << 20))
        lines.append(fixture.pending(one, "late"))
        #expect(lines.takeReady().ids == [one: ["small", "late"]])
        #expect(lines.takeReady().ids == [other: ["large"]])
    }

    @Test func whatIsPutBackComesFirstAndInOrder() {
        var lines = LaneLines()
        push(3, of: one, to: &lines)
        push(2, of: other, to: &lines)
        let batch = lines.takeReady()
        lines.append(fixture.pending(one, "late"))
        for part in batch { lines.prepend(part) }
        #expect(lines.count == 6)
        #expect(lines.takeReady().ids == [one: ["0", "1", "2", "late"], other: ["0", "1"]])
    }

    @Test func aTenantThatIsAwayIsNotTakenFromUntilItIsBack() {
        var lines = LaneLines()
        push(2, of: one, to: &lines)
        push(1, of: other, to: &lines)
        lines.sendAway(one)
        lines.append(fixture.pending(one, "late"))
        #expect(lines.takeReady().ids == [other: ["0"]])
        lines.prepend(TenantBatch(tenant: one, requests: [fixture.pending(one, "again")]))
        #expect(lines.takeReady().isEmpty)
        var room = BatchRoom(events: 2)
        #expect(lines.take(one, &room).map(\.request.id) == ["again", "0"])
        lines.welcomeBack(one)
        #expect(lines.takeReady().ids == [one: ["1", "late"]])
        #expect(lines.count == 0)
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000), 1, 2])
    func everyRequestLeavesOnceInOrderAndFairly(seed: UInt64) {
        print("lane lines: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let tenants = (0..<6).map { _ in TenantID.random() }
        var lines = LaneLines()
        var pushed: [TenantID: [String]] = [:]
        var taken: [TenantID: [String]] = [:]
        for step in 0..<300 {
            for number in 0..<Int.random(in: 0...40, using: &random) {
                let tenant = tenants[Int.random(in: 0..<6, using: &random)]
                let id = "\(step)-\(number)"
                let size = 1 << Int.random(in: 6...15, using: &random)
                let count = Int.random(in: 0..<20, using: &random) == 0 ? 200 : 1
                lines.append(fixture.pending(tenant, id, events: count, bytes: size))
                pushed[tenant, default: []].append(id)
            }
            guard step % 3 == 0 else { continue }
            var batch = lines.takeReady()
            expectFair(batch, lines)
            if Int.random(in: 0..<4, using: &random) == 0, let last = batch.popLast() {
                lines.prepend(last)
            }
            taken.merge(batch.ids) { $0 + $1 }
        }
        while lines.count > 0 { taken.merge(lines.takeReady().ids) { $0 + $1 } }
        #expect(taken == pushed)
        #expect(lines.bytes == 0)
    }

    private func expectFair(_ batch: [TenantBatch], _ rest: LaneLines) {
        #expect(batch.eventCount() <= 1000)
        #expect(batch.flatMap(\.requests).count <= 1 || batch.byteCount <= 4 << 20)
        #expect(Set(batch.map(\.tenant)).count == batch.count)
        guard let most = batch.max(by: { [$0].eventCount() < [$1].eventCount() }),
            [most].eventCount() > 500
        else { return }
        var rest = rest
        rest.sendAway(most.tenant)
        #expect(rest.takeReady().isEmpty, "more than half a batch while another waits")
    }

    private func push(_ count: Int, of tenant: TenantID, to lines: inout LaneLines) {
        for number in 0..<count { lines.append(fixture.pending(tenant, "\(number)")) }
    }
}
