// Requests that are handed over in order are stored in order, and exactly those before the first
// that is refused: whatever it is refused for, and whoever else writes.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct InOrderTests {
    private typealias Request = AppendRequest

    /// What a request can be refused for, at the door and by the database alone.
    enum Fault: String, CaseIterable, Sendable {
        case badName, badJSON, versionThatOnlyTheNextMakes, versionFarAhead, usedID, erasedPerson

        var code: Problem.Code {
            switch self {
            case .badName, .badJSON: .invalid
            case .versionThatOnlyTheNextMakes, .versionFarAhead: .versionConflict
            case .usedID: .requestReused
            case .erasedPerson: .erased
            }
        }

        func request(_ number: Int, of list: String) -> AppendRequest {
            switch self {
            case .badName: AppendRequest([.sample("")], id: "\(list) \(number)")
            case .badJSON: AppendRequest([.sample("s", data: "{")], id: "\(list) \(number)")
            case .versionThatOnlyTheNextMakes:
                AppendRequest(
                    [.sample("\(list)/\(number + 1)", .version(1))],
                    id: "\(list) \(number)"
                )
            case .versionFarAhead:
                AppendRequest([.sample("\(list)/\(number)", .version(7))], id: "\(list) \(number)")
            case .usedID: AppendRequest([.sample("\(list)/\(number)")], id: "used")
            case .erasedPerson:
                AppendRequest([.personal("\(list)/\(number)", "maria")], id: "\(list) \(number)")
            }
        }
    }

    @Test(arguments: Fault.allCases)
    func exactlyThoseBeforeTheRefusedOneAreStored(fault: Fault) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            _ = try await acme.append([.sample("x")], request: "used")
            if fault == .erasedPerson {
                let operators = try await TwoOperators(ledger)
                _ = try await ledger.erasures
                    .run(operators.erasure(of: "maria", acme, ledger))
            }
            let size = try Witness.current.eventCount(acme.id)
            for place in [0, 1, 350] {
                let name = "\(fault) \(place)"
                var list = Self.list(0..<700, of: name)
                list[place] = fault.request(place, of: name)
                let result = await acme.append(inOrder: list)
                #expect(result.refusal?.code == fault.code)
                #expect(result.stored.count == place)
                #expect(result.stored.joined().map(\.position).isStrictlyRising)
            }
            #expect(try Witness.current.eventCount(acme.id) == size + 351)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000), 11])
    func othersWhoWriteMeanwhileChangeNothingOfIt(seed: UInt64) async throws {
        print("in order: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let test = try TestLedger.current
        try await test.open { one in
            let acme = try await one.createTenant(named: "acme")
            try await test.open { other in
                let rival = try await other.tenant(named: "acme")
                let isDone = Flag()
                async let rivals: Void = Self.write(to: rival, until: isDone)
                for round in 0..<12 {
                    let count = Int.random(in: 1...200, using: &random)
                    let place = Int.random(in: 0..<count, using: &random)
                    let fault = Fault.allCases.filter { $0 != .usedID && $0 != .erasedPerson }
                        .randomElement(using: &random)
                    var list = Self.list(0..<count, of: "round \(round)")
                    if let fault { list[place] = fault.request(place, of: "round \(round)") }
                    let result = await acme.append(inOrder: list)
                    #expect(result.stored.count == place, "\(String(describing: fault))")
                    #expect(result.refusal?.code == fault?.code)
                    #expect(result.stored.joined().map(\.position).isStrictlyRising)
                }
                isDone.raise()
                await rivals
            }
            try await Witness.current.expectSound(acme.id)
        }
    }

    @Test func aListSentAgainGetsItsReceiptsAndGoesOn() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let list = Self.list(0..<40, of: "l")
            let first = await acme.append(inOrder: Array(list[10..<20]))
            let all = await acme.append(inOrder: list)
            #expect(all.refusal == nil)
            #expect(Array(all.stored[10..<20]) == first.stored)
            #expect(all.stored.count == 40)
            #expect(try Witness.current.eventCount(acme.id) == 40)
        }
    }

    @Test func oneIdTwiceInAListIsOneEventOrEndsIt() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let same = await acme.append(inOrder: [
                AppendRequest([.sample("a")], id: "1"), AppendRequest([.sample("b")], id: "2"),
                AppendRequest([.sample("a")], id: "1"),
                AppendRequest([.sample("c")], id: "3"),
            ])
            #expect(same.refusal == nil)
            #expect(same.stored.map { $0.map(\.position) } == [[1], [2], [1], [3]])
            let other = await acme.append(inOrder: [
                AppendRequest([.sample("d")], id: "4"), AppendRequest([.sample("e")], id: "4"),
                AppendRequest([.sample("f")], id: "5"),
            ])
            #expect(other.refusal?.code == .requestReused)
            #expect(other.stored.map { $0.map(\.position) } == [[4]])
            #expect(try Witness.current.eventCount(acme.id) == 4)
        }
    }

    @Test func whatAListRefusesForAnotherRequestIsStoredForWhoeverElseSendsIt() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append([.sample("x")], request: "used")
            let used = try await acme.seal([.sample("s")], request: "used")
            let next = try await acme.seal([.sample("s")], request: "next")
            let lanes = try ledger.lanes()
            let blocker = try HeadBlocker(acme.id)
            let run = OrderedRun()
            let refused = await lanes.enqueue(used, in: run)
            let behind = await lanes.enqueue(next, in: run)
            let alone = lanes.enqueue(next)
            async let again = lanes.enqueue(next, in: OrderedRun())
            try blocker.release()
            for (ticket, code) in [(refused, Problem.Code.requestReused), (behind, .forbidden)] {
                let problem = await #expect(throws: Problem.self) { try await ticket.receipts() }
                #expect(problem?.code == code)
            }
            let receipts = try await alone.receipts()
            #expect(receipts.map(\.position) == [2])
            #expect(try await again.receipts() == receipts)
        }
    }

    @Test func idsThatDifferByNormalisationAreTwoRequests() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let result = await acme.append(inOrder: [
                AppendRequest([.sample("a")], id: "pay-\u{e9}"),
                AppendRequest([.sample("a")], id: "pay-e\u{301}"),
            ])
            #expect(result.stored.map { $0.map(\.version) } == [[1], [2]])
            var both = NewEvent.sample("b")
            both.personal = ["\u{e9}": Array("1".utf8), "e\u{301}": Array("2".utf8)]
            _ = try await acme.append(both)
            let document = try await acme.document("b")
            #expect(document?.personal == ["\u{e9}": "1", "e\u{301}": "2"])
        }
    }

    private static func list(_ numbers: Range<Int>, of name: String) -> [Request] {
        numbers.map { AppendRequest([.sample("\(name)/\($0)")], id: "\(name) \($0)") }
    }

    private static func write(to tenant: Tenant, until isDone: Flag) async {
        while !isDone.isRaised { _ = await tenant.answer([.sample("rival")]) }
    }
}

extension Sequence<Int> {
    /// Whether each is greater than the one before it.
    fileprivate var isStrictlyRising: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
