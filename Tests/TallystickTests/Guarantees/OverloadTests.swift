// Bounded and undisturbed: a full inbox refuses at once and stores what it accepted, and a caller
// that stops waiting takes nobody with it.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyStore

@Suite(.database, .serialized)
struct OverloadTests {
    @Test func aFullInboxRefusesWithOverloadedAndStoresWhatItAccepted() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let template = try await acme.seal([.sample("s")], request: "-")
            let blocker = try HeadBlocker(acme.id)
            // What fits: the lines, one batch at the server and one with the patient half.
            let count = StoreLimits.laneRequests + 2 * StoreLimits.batchEvents + 100
            let lanes = try ledger.lanes()
            let tickets = (0..<count).map { lanes.enqueue(template.copy(id: "\($0)")) }
            try blocker.release()
            var receipts: [Receipt] = []
            for ticket in tickets {
                do {
                    receipts += try await ticket.receipts()
                } catch let error as Problem {
                    #expect(error.code == .overloaded)
                }
            }
            #expect(receipts.count <= count - 100)
            #expect(try Witness.current.eventCount(acme.id) == receipts.count)
            try Witness.current.expectTrue(receipts, acme.id)
            try await Witness.current.expectSound(acme.id)
        }
    }

    @Test func aRequestThatIsTooLargeIsRefusedBeforeALaneSeesIt() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            // Valid JSON of 16 MiB an event, so that only their sum is too much.
            let data = [UInt8](repeating: 0x20, count: StoreLimits.eventBytes - 1) + [0x31]
            let event = NewEvent(.note, stream: "s", type: "t", data: data)
            let count = StoreLimits.requestBytes / StoreLimits.eventBytes
            let refused = await acme.answer([NewEvent](repeating: event, count: count + 1))
            #expect(refused.problem == .tooLarge)
            #expect(await acme.answer([]).problem == .invalid)
            #expect(await acme.answer((0...500).map { _ in .sample("s") }).problem == .tooLarge)
            #expect(try Witness.current.eventCount(acme.id) == 0)
            let taken = await acme.answer([NewEvent](repeating: event, count: count))
            #expect(taken.receipts.count == count)
            try await Witness.current.expectSound(acme.id)
        }
    }

    @Test func aCallerThatIsCancelledLeavesAtOnceAndDisturbsNobody() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let blocker = try HeadBlocker(acme.id)
            let tasks = (0..<64).map { number in
                Task { await acme.answer([.sample("s")], request: "r\(number)") }
            }
            let joined = Task { await acme.answer([.sample("s")], request: "r7") }
            tasks[7].cancel()
            tasks[20].cancel()
            #expect(await tasks[7].value.problem == .outcomeUnknown)
            #expect(await tasks[20].value.problem == .outcomeUnknown)
            try blocker.release()
            var answers: [Answer] = []
            for task in tasks { answers.append(await task.value) }
            #expect(answers.count { $0.problem == nil } == 62)
            let shared = await joined.value
            let retried = await acme.answer([.sample("s")], request: "r7")
            let again = await acme.answer([.sample("s")], request: "r20")
            #expect(shared.receipts.count == 1)
            #expect(shared.receipts == retried.receipts)
            let receipts = answers.flatMap(\.receipts) + retried.receipts + again.receipts
            #expect(Set(receipts.map(\.position)).count == 64)
            #expect(try Witness.current.eventCount(acme.id) == 64)
            try Witness.current.expectTrue(receipts, acme.id)
        }
    }

    @Test func closingAnswersEverythingThatWasAccepted() async throws {
        let test = try TestLedger.current
        let ledger = try await Ledger.open(test.configuration)
        let acme = try await ledger.createTenant(named: "acme")
        let template = try await acme.seal([.sample("s")], request: "-")
        let blocker = try HeadBlocker(acme.id)
        let lanes = try ledger.lanes()
        let tickets = (0..<500).map { lanes.enqueue(template.copy(id: "\($0)")) }
        async let closed: Void = ledger.close()
        try blocker.release()
        await closed
        for ticket in tickets { #expect(try await ticket.receipts().count == 1) }
        let late = lanes.enqueue(template.copy(id: "late"))
        let error = await #expect(throws: Problem.self) { try await late.receipts() }
        #expect(error?.code == .unavailable)
        #expect(try Witness.current.eventCount(acme.id) == 500)
    }
}
