// Requests that are handed over in order are stored in order, and exactly those before the first
// that is refused: whatever it is refused for, and whoever else writes.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct InOrderTests {
    private typealias Request = (events: [NewEvent], id: String)

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

        func request(_ number: Int, of list: String) -> (events: [NewEvent], id: String) {
            switch self {
            case .badName: ([.sample("")], "\(list) \(number)")
            case .badJSON: ([.sample("s", data: "{")], "\(list) \(number)")
            case .versionThatOnlyTheNextMakes:
                ([.sample("\(list)/\(number + 1)", .version(1))], "\(list) \(number)")
            case .versionFarAhead:
                ([.sample("\(list)/\(number)", .version(7))], "\(list) \(number)")
            case .usedID: ([.sample("\(list)/\(number)")], "used")
            case .erasedPerson: ([.personal("\(list)/\(number)", "maria")], "\(list) \(number)")
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
                _ = try await Erasures(ledger)
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
                ([.sample("a")], "1"), ([.sample("b")], "2"), ([.sample("a")], "1"),
                ([.sample("c")], "3"),
            ])
            #expect(same.refusal == nil)
            #expect(same.stored.map { $0.map(\.position) } == [[1], [2], [1], [3]])
            let other = await acme.append(inOrder: [
                ([.sample("d")], "4"), ([.sample("e")], "4"), ([.sample("f")], "5"),
            ])
            #expect(other.refusal?.code == .requestReused)
            #expect(other.stored.map { $0.map(\.position) } == [[4]])
            #expect(try Witness.current.eventCount(acme.id) == 4)
        }
    }

    @Test func idsThatDifferByNormalisationAreTwoRequests() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let result = await acme.append(inOrder: [
                ([.sample("a")], "pay-\u{e9}"), ([.sample("a")], "pay-e\u{301}"),
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
        numbers.map { ([.sample("\(name)/\($0)")], "\(name) \($0)") }
    }

    private static func write(to tenant: Tenant, until isDone: Flag) async {
        while !isDone.isRaised { _ = await tenant.answer([.sample("rival")]) }
    }
}

extension Sequence<Int> {
    /// Whether each is greater than the one before it.
    fileprivate var isStrictlyRising: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
