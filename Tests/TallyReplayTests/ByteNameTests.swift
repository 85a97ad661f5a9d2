// Where names decide what is shown: those that Unicode calls equivalent are not the same.

import TallyCore
import Testing

@testable import TallyReplay

struct ByteNameTests {
    private let names = ("\u{e9}", "e\u{301}")

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
