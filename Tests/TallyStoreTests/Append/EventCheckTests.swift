// The door: what breaks a rule is refused with its place and a way out, and no refusal repeats
// what was submitted.

import TallyCore
import Testing

@testable import TallyStore

struct EventCheckTests {
    @Test func goodEventsPass() throws {
        for event in GoodEvents.all {
            let sections = try EventCheck.check(event, at: "/events/0")
            #expect(sections.count == event.personal.count)
        }
        for id in ["r", String(repeating: "é", count: 127)] { try EventCheck.requestID(id) }
    }

    @Test(arguments: BadEvent.all)
    func aBadEventIsRefusedAtItsPlaceWithoutItsContent(bad: BadEvent) {
        let error = #expect(throws: Problem.self, "\(bad.name)") {
            try EventCheck.check(bad.event, at: "/events/3")
        }
        guard let error else { return }
        #expect(error.code == bad.code, "\(bad.name)")
        #expect(error.pointer == "/events/3\(bad.pointer)", "\(bad.name)")
        Self.expectDiscreet(error, bad.name)
    }

    @Test(arguments: [
        "", String(repeating: "r", count: 256), "a\nb", "a\u{0}", "\u{7f}", "a\u{80}", "\u{9f}",
    ])
    func aBadRequestIDIsRefused(id: String) {
        let error = #expect(throws: Problem.self) { try EventCheck.requestID(id) }
        #expect(error?.code == .invalid)
        #expect(error?.pointer == "/request")
    }

    @Test func sectionsComeInTheOrderOfTheirBytes() throws {
        let names = ["b", "a#x", "a", "Z", "é", "a#b", "e\u{301}"]
        let event = NewEvent.put(
            "s",
            type: "t",
            data: "{}",
            personal: Sections(names.map { ($0, "{}") })
        )
        let sections = try EventCheck.check(event, at: "")
        let found = sections.map { Array($0.name.subject.utf8) + [0] + $0.name.retentionClass.utf8 }
        #expect(found == found.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(sections.map(\.name.retentionClass).filter { !$0.isEmpty } == ["b", "x"])
    }

    private static func expectDiscreet(_ error: Problem, _ name: String) {
        #expect(!error.message.isEmpty)
        #expect(!error.hint.isEmpty)
        let said = "\(error.message) \(error.hint) \(error.pointer ?? "") \(error)"
        for word in ["Canary", "Ilze", "example.com"] {
            #expect(!said.contains(word), "\(name) repeats what was submitted: \(said)")
        }
    }
}
