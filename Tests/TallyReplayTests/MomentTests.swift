// A moment means one position, and a time that was asked for stays as it was told.

import TallyCore
import TallyPostgres
import TallyReplay
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct MomentTests {
    private func fiveEvents(
        _ body: (Ledger, Tenant, [Receipt]) async throws -> Void
    ) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var receipts: [Receipt] = []
            for number in 1...5 {
                receipts.append(try await acme.append(.put("s", type: "t", data: "\(number)")))
            }
            try await body(ledger, acme, receipts)
        }
    }

    @Test func aTimeMeansAllThatWasRecordedUpToIt() async throws {
        try await fiveEvents { _, acme, receipts in
            for (number, receipt) in receipts.enumerated() {
                for (offset, size) in [(0, number + 2), (-1, number + 1)] {
                    let time = receipt.recordedAt + .microseconds(offset)
                    let found = try await acme.resolve(.time(time))
                    #expect(found.size == size)
                    #expect(found.position == size - 1)
                }
                let found = try await acme.resolve(.time(receipt.recordedAt))
                #expect(found.leafHash == receipt.leafHash)
                #expect(found.eventID == receipt.eventID)
                #expect(found.recordedAt == receipt.recordedAt)
                let document = try await acme.document("s", at: .time(receipt.recordedAt))
                #expect(document?.data == "\(number + 1)")
            }
            #expect(try await acme.resolve(.time(Instant(micros: 0))).size == 0)
            #expect(try await acme.resolve(.time(Instant(micros: 0))).leafHash == nil)
        }
    }

    @Test func positionsAndEventsMeanThemselves() async throws {
        try await fiveEvents { (_, acme, receipts) async throws in
            #expect(try await acme.resolve(.position(3)).size == 4)
            let id = receipts[2].eventID
            #expect(try await acme.resolve(.event(id)).leafHash == receipts[2].leafHash)
            #expect(try await acme.resolve(.beforeEvent(id)).leafHash == receipts[1].leafHash)
            for moment in [
                Moment.position(6), .position(.max), .position(-1), .position(.min),
                .event(String(repeating: "0", count: 32)), .event("no id"),
            ] {
                let problem = await #expect(throws: Problem.self) {
                    try await acme.resolve(moment)
                }
                #expect(problem?.code == .notFound)
            }
        }
    }

    @Test func aTimeThatHasNotPassedIsRefused() async throws {
        try await fiveEvents { _, acme, receipts in
            let later = receipts[4].recordedAt + .seconds(3600)
            let problem = await #expect(throws: Problem.self) {
                try await acme.resolve(.time(later))
            }
            #expect(problem?.code == .invalid)
            let beyond = await #expect(throws: Problem.self) {
                try await acme.resolve(.time(Instant(micros: .max)))
            }
            #expect(beyond?.code == .invalid)
        }
    }

    @Test func nothingIsRecordedAtOrBeforeATimeThatWasAskedFor() async throws {
        let test = try TestLedger.current
        let server = try test.connection(role: "tally_reader")
        try await fiveEvents { ledger, acme, receipts in
            // A writer whose clock is an hour behind.
            var configuration = test.configuration
            configuration.clock = { receipts[0].recordedAt.micros - 3_600_000_000 }
            let slow = try await Ledger.open(configuration)
            let micros = try server.query("SELECT tally.now_micros()").integer(0, 0)
            let now = Instant(microsecondsSince1970: micros)
            let before = try await acme.resolve(.time(now))
            #expect(before.closedThrough == now)
            let late = try await slow.tenant(named: "acme").append(.note("s", type: "t"))
            #expect(late.recordedAt == now + .microseconds(1))
            let after = try await acme.resolve(.time(now))
            #expect(after == before)
            await slow.close()
        }
    }

    @Test func aDifferenceNamesWhatChangedAndNothingElse() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(.put("kept", type: "t", data: #"{"a":1}"#))
            _ = try await acme.append(
                .put("changed", type: "t", data: #"{"a":1,"b":2}"#, personal: ["p": #"{"x":1}"#])
            )
            let mark = try await acme.append(.put("gone", type: "t", data: "{}"))
            _ = try await acme.append(.note("kept", type: "t"))
            _ = try await acme.append(
                .patch("changed", type: "t", data: #"{"b":3}"#, personal: ["p": #"{"x":2}"#])
            )
            _ = try await acme.append(.delete("gone", type: "t"))
            _ = try await acme.append(.put("new", type: "t", data: "{}"))
            _ = try await acme.append(.put("passing", type: "t", data: "{}"))
            let end = try await acme.append(.delete("passing", type: "t"))
            let diff = try await acme.differences(from: .position(mark.position))
            #expect(diff.next == nil)
            let found = Dictionary(uniqueKeysWithValues: diff.changes.map { ($0.stream, $0) })
            #expect(Set(found.keys) == ["changed", "gone", "new"])
            #expect(found["changed"]?.kind == .updated)
            #expect(found["changed"]?.members == ["data.b", "personal.p"])
            #expect(found["gone"]?.kind == .deleted)
            #expect(found["new"]?.kind == .created)
            #expect(
                try await acme.differences(from: .position(mark.position), limit: 2).next != nil
            )
            let none = try await acme.differences(
                from: .position(end.position),
                to: .position(end.position)
            )
            #expect(none.changes.isEmpty)
            let problem = await #expect(throws: Problem.self) {
                try await acme.differences(from: .position(5), to: .position(4))
            }
            #expect(problem?.code == .invalid)
        }
    }

    @Test func aDifferenceThatUnicodeCallsNoneIsOne() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let (composed, decomposed) = ("\"\u{e9}\"", "\"e\u{301}\"")
            _ = try await acme.append(.put("d", type: "t", data: composed))
            let mark = try await acme.append(
                .put("p", type: "t", data: "{}", personal: ["p": composed])
            )
            _ = try await acme.append(.put("d", type: "t", data: decomposed))
            _ = try await acme.append(.patch("p", type: "t", personal: ["p": decomposed]))
            let diff = try await acme.differences(from: .position(mark.position))
            #expect(diff.changes.map(\.stream).sorted() == ["d", "p"])
            #expect(diff.changes.flatMap(\.members).sorted() == ["data", "personal.p"])
            for change in diff.changes { #expect(change.before != change.after) }
        }
    }

    @Test(arguments: [
        ("5", Moment.position(5)), ("0", .position(0)),
        ("2026-11-18T11:06:40Z", .time(Instant(micros: 1_795_000_000_000_000))),
        ("event:4BE190c2a0f64a0d9f3a7c1d5e6b7a88", .event("4be190c2a0f64a0d9f3a7c1d5e6b7a88")),
        (
            "before:4be190c2-a0f6-4a0d-9f3a-7c1d5e6b7a88",
            .beforeEvent("4be190c2a0f64a0d9f3a7c1d5e6b7a88")
        ),
    ])
    func momentsAreRead(text: String, moment: Moment) {
        #expect(Moment(text) == moment)
    }

    @Test func relativeMomentsCountFromTheClock() throws {
        let now: UInt64 = 1_795_000_000_000_000
        #expect(try Moment.read("now", now: now) == .time(Instant(micros: now)))
        #expect(try Moment.read("-2h", now: now) == .time(Instant(micros: now - 7_200_000_000)))
    }

    @Test(arguments: [
        ("2026-01-02T03:04", "Z"), ("2026-01-02 03:04:05", "Z"), ("yesterday 14:00", "Z"),
        ("event:12", "32 hexadecimal digits"), ("soon", "-2h"),
    ])
    func aRefusalSaysWhatIsMissing(text: String, hint: String) {
        let error = #expect(throws: Problem.self) { try Moment.read(text) }
        #expect(error?.code == .invalid && error?.hint.contains(hint) == true)
    }

    @Test(arguments: [
        "", "-1", "soon", "event:", "event:12", "after:4be190c2a0f64a0d9f3a7c1d5e6b7a88",
    ])
    func othersAreNot(text: String) {
        #expect(Moment(text) == nil)
    }
}
