// The inbox between callers and a lane's thread: bounded, awake when there is work, and closed
// without forgetting anybody.

import Foundation
import TallyCore
import TallyTesting
import Testing

@testable import TallyStore

struct LaneInboxTests {
    private let fixture = LaneFixture()
    private let tenant = TenantID.random()

    @Test func theInboxTakesSoManyRequestsAndRefusesTheNext() {
        let inbox = LaneInbox()
        let pending = fixture.pending(tenant, "r")
        for _ in 0..<StoreLimits.laneRequests { #expect(inbox.push(pending) == nil) }
        let refusal = inbox.push(pending)
        #expect(refusal?.code == .overloaded)
        #expect(refusal?.hint.isEmpty == false)
        let batch = inbox.takeBatch() ?? []
        #expect(inbox.push(pending) == nil)
        for part in batch { inbox.putBack(part) }
        #expect(inbox.push(pending)?.code == .overloaded)
    }

    @Test func theInboxTakesSoManyBytesAndRefusesTheNext() {
        let inbox = LaneInbox()
        let large = fixture.pending(tenant, "r", bytes: 16 << 20)
        for _ in 0..<16 { #expect(inbox.push(large) == nil) }
        #expect(inbox.push(fixture.pending(tenant, "small"))?.code == .overloaded)
    }

    @Test func aClosedInboxRefusesTheNewAndStillGivesTheOld() {
        let inbox = LaneInbox()
        #expect(inbox.push(fixture.pending(tenant, "old")) == nil)
        inbox.close()
        #expect(inbox.push(fixture.pending(tenant, "new"))?.code == .unavailable)
        #expect(inbox.takeBatch()?.ids == [tenant: ["old"]])
        #expect(inbox.takeBatch() == nil)
        #expect(inbox.takeBatch() == nil)
    }

    @Test func aSleepingLaneIsWokenByAPushAReturnAndTheClose() async {
        let inbox = LaneInbox()
        inbox.sendAway(tenant)
        let other = TenantID.random()
        async let batches = taken(from: inbox)
        #expect(inbox.push(fixture.pending(other, "first")) == nil)
        #expect(inbox.push(fixture.pending(tenant, "away")) == nil)
        #expect(inbox.take(tenant).requests.map(\.request.id) == ["away"])
        #expect(inbox.push(fixture.pending(tenant, "later")) == nil)
        inbox.welcomeBack(tenant)
        inbox.close()
        let ids = await batches.reduce(into: [:]) { $0.merge($1.ids) { $0 + $1 } }
        #expect(ids == [other: ["first"], tenant: ["later"]])
    }

    @Test func aLaneWaitsForTenantsThatAreAwayBeforeItEnds() async {
        let inbox = LaneInbox()
        inbox.sendAway(tenant)
        #expect(inbox.push(fixture.pending(tenant, "r")) == nil)
        inbox.close()
        async let batches = taken(from: inbox)
        inbox.welcomeBack(tenant)
        #expect(await batches.map(\.ids) == [[tenant: ["r"]]])
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func manyCallersAndOneLaneLoseNothingAndKeepEachTenantsOrder(seed: UInt64) async {
        print("lane inbox: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let tenants = (0..<8).map { _ in TenantID.random() }
        let counts = tenants.map { _ in Int.random(in: 50...250, using: &random) }
        let inbox = LaneInbox()
        async let batches = taken(from: inbox)
        await withTaskGroup(of: Void.self) { group in
            for (tenant, count) in zip(tenants, counts) {
                group.addTask {
                    for number in 0..<count {
                        #expect(inbox.push(fixture.pending(tenant, "\(number)")) == nil)
                    }
                }
            }
        }
        inbox.close()
        let ids = await batches.reduce(into: [:]) { $0.merge($1.ids) { $0 + $1 } }
        for (tenant, count) in zip(tenants, counts) {
            #expect(ids[tenant] == (0..<count).map { "\($0)" })
        }
    }

    /// Everything that a lane's thread takes until the inbox is closed and empty.
    private func taken(from inbox: LaneInbox) async -> [[TenantBatch]] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var batches: [[TenantBatch]] = []
                while let batch = inbox.takeBatch() { batches.append(batch) }
                continuation.resume(returning: batches)
            }
        }
    }
}
