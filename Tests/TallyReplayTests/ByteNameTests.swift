// Where names decide what is restored or shown: those that Unicode calls equivalent are not the same.

import TallyCore
import TallyCrypto
import TallyStore
import Testing

@testable import TallyReplay

struct ByteNameTests {
    private let names = ("\u{e9}", "e\u{301}")

    @Test func aRestoreTakesBackOnlyWhatIsNamed() {
        let event = StoredEvent(position: 1, stream: nil, version: 1, leaf: [], body: [])
        func envelope(_ stream: String, _ actor: String) -> Envelope {
            Envelope(
                operation: .note,
                stream: stream,
                type: "t",
                actor: actor,
                data: PartData(identity: [])
            )
        }
        for scope in [RestoreScope.actor(names.0), .stream(names.0), .collection(names.0)] {
            let own = scope == .collection(names.0) ? "\(names.0)/1" : names.0
            let other = scope == .collection(names.0) ? "\(names.1)/1" : names.1
            #expect(scope.contains(event, envelope(own, names.0)))
            #expect(!scope.contains(event, envelope(other, names.1)))
        }
    }

    @Test func aColumnLooksIntoTheSectionThatItNames() throws {
        var content = DocumentContent()
        content.data = try JSONReader.parse(Array(#"{"\#(names.0)":1,"\#(names.1)":2}"#.utf8))
        content.personal = [
            PersonalName(subject: names.0): 1, PersonalName(subject: names.1): 2,
        ]
        for (name, value) in [(names.0, JSONValue(1)), (names.1, 2)] {
            #expect(try ColumnPath("$.personal['\(name)']").value(content, nil) == value)
            #expect(try ColumnPath("$.data.\(name)").value(content, nil) == value)
            let pattern = try SubjectPattern(name)
            #expect(try ColumnPath("$.personal.*").value(content, pattern) == value)
        }
    }
}
