// The query language: what it takes, what it means, and what it refuses with the place.

import TallyCore
import TallyReplay
import TallyStore
import TallyTesting
import Testing

struct QueryParserTests {
    private typealias Pattern = Query.Pattern

    @Test func termsOfOneKeyStandTogether() throws {
        let query = try Query("actor:user:17  type:invoice.* actor:user:18\tstream:crm/contact/42")
        #expect(query.terms[.actor]?.map(\.text) == ["user:17", "user:18"])
        #expect(query.terms[.type]?.map(\.text) == ["invoice."])
        #expect(query.terms[.type]?.first?.isPrefix == true)
        #expect(query.terms[.stream]?.first?.isPrefix == false)
        #expect(query.since == nil)
    }

    @Test func timesAreHalfOpen() throws {
        let query = try Query("since:2026-11-01 until:2026-11-20T12:00Z")
        #expect(query.since == 1_793_491_200_000_000)
        #expect(query.until == 1_795_176_000_000_000)
        #expect(query.terms.isEmpty)
    }

    @Test func timesMayBeRelative() throws {
        let clock = SpokenTime(now: 1_795_000_000_000_000)
        let query = try Query(#"since:-3d until:"yesterday 14:00Z""#, clock: clock)
        #expect(query.since == 1_795_000_000_000_000 - 3 * 86_400_000_000)
        #expect(query.until.map { Int64($0) } == UTCTime.micros("2026-11-17T14:00Z"))
        let error = #expect(throws: Problem.self) { try Query("since:yesterday 14:00Z") }
        #expect(error?.hint.contains("quotes") == true)
    }

    @Test func quotesHoldSpacesStarsAndNothing() throws {
        let query = try Query(#"actor:"Ilze *" subject:"a\"b\\c" collection:"""#)
        #expect(query.terms[.actor]?.map(\.text) == ["Ilze *"])
        #expect(query.terms[.actor]?.first?.isPrefix == false)
        #expect(query.terms[.subject]?.map(\.text) == [#"a"b\c"#])
        #expect(query.terms[.collection]?.map(\.text) == [""])
    }

    @Test func emptyTextAsksForEverything() throws {
        #expect(try Query("  ") == Query())
    }

    @Test(arguments: [
        ("colour:red", 0), ("actor", 0), ("type:a actor", 7), ("actor:", 0), ("type:a*b", 0),
        ("type:**", 0), ("actor:user:*", 0), ("subject:*", 0), ("since:soon", 0),
        ("since:2026-11-01 since:2026-11-02", 17), ("until:2026-02-30", 0), (#"actor:"a"#, 6),
        (#"actor:"a"b"#, 9), (":x", 0), ("type:a :", 7), ("SINCE:2026-11-01", 0),
        ("kind:erasure", 0),
        ("kind:genesis*", 0), ("kind:GENESIS", 0), ("-type:a", 0), ("type:a -kind:x", 7),
    ])
    func whatItDoesNotKnowIsRefusedWithItsPlace(text: String, offset: Int) {
        let error = #expect(throws: Problem.self, "\(text)") { try Query(text) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("at byte \(offset):") == true, "\(text): \(error as Any)")
        #expect(error?.hint.isEmpty == false)
    }

    @Test func kindsAreAskedForAndLeftOut() throws {
        #expect(try Query("kind:genesis kind:frozen -kind:frozen").kinds == [.genesis])
        #expect(try Query("-kind:recorded").kinds.count == EventKind.allCases.count - 1)
        #expect(try Query("type:a -kind:imported").kinds == [.recorded])
        #expect(try Query("type:a kind:genesis").kinds.isEmpty)
    }

    @Test(arguments: [
        ("typ:a", "did you mean type?"), ("kind:erasurestep", "did you mean erasureStep?"),
        ("untill:2026-11-01", "did you mean until?"), ("SINCE:2026-11-01", "did you mean since?"),
    ])
    func whatWasMeantIsNamed(text: String, hint: String) {
        let error = #expect(throws: Problem.self) { try Query(text) }
        #expect(error?.hint.hasPrefix(hint) == true, "\(error?.hint ?? "")")
    }

    @Test func aTextThatIsTooLongIsRefused() {
        let error = #expect(throws: Problem.self) {
            try Query(String(repeating: "type:a ", count: 600))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func anyTextIsReadOrRefusedAndNeverCrashes(seed: UInt64) {
        print("queries: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let pieces = [
            "actor", ":", "type", "*", "\"", "\\", " ", "since:", "2026-11-01", "until:", "stream:",
            "é", "\u{0}", "subject:", "crm/", "collection:",
        ]
        for _ in 0..<5000 {
            let count = Int.random(in: 0..<12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            do throws(Problem) {
                _ = try Query(text)
            } catch {
                #expect(error.code == .invalid, "\(text)")
            }
        }
    }
}
