// Names are told apart by their bytes: what Unicode calls equivalent is two keys.

import Testing

@testable import TallyCore

struct ByteTextTests {
    private static let pairs = [
        ("\u{e9}", "e\u{301}"), ("\u{212b}", "\u{c5}"), ("\u{1f71}", "\u{3ac}"),
        ("\u{ac00}", "\u{1100}\u{1161}"), ("q\u{307}\u{323}", "q\u{323}\u{307}"),
    ]

    @Test(arguments: pairs)
    func equivalentTextsAreTwoKeys(_ one: String, _ other: String) {
        #expect(one == other)
        #expect(ByteText(one) != ByteText(other))
        #expect(Set([one, other].map { ByteText($0) }).count == 2)
        #expect([one, other].distinctByBytes().count == 2)
        #expect((ByteText(one) < ByteText(other)) != (ByteText(other) < ByteText(one)))
    }

    @Test func orderIsThatOfTheBytes() {
        let names = ["b", "\u{e9}", "Z", "e\u{301}", "", "a"]
        #expect(names.sortedByBytes() == ["", "Z", "a", "b", "e\u{301}", "\u{e9}"])
    }

    @Test(arguments: pairs)
    func sectionsOfEquivalentNamesAreTwo(_ one: String, _ other: String) {
        var sections: Sections = [one: 1, other: 2]
        #expect(sections.count == 2)
        #expect(sections[one] == 1)
        #expect(sections[other] == 2)
        sections[other] = 3
        #expect(sections.map(\.value) == [1, 3])
        sections[one] = nil
        #expect(sections == [other: 3])
        #expect(sections != [one: 3])
    }

    @Test func sectionsKeepANameThatIsGivenTwice() {
        let sections: Sections = ["a": 1, "b": 2, "a": 3]
        #expect(sections.keys == ["a", "b", "a"])
        #expect(sections == Sections([("b", 2), ("a", 3), ("a", 1)].sorted { $0.1 < $1.1 }))
        #expect(sections.mapValues { "\($0)" }.map(\.value) == ["1", "2", "3"])
        #expect(Sections(["a": 1] as [String: Int]) == ["a": 1])
    }

    @Test(arguments: pairs)
    func objectsTellKeysApartByTheirBytes(_ one: String, _ other: String) throws {
        let text = "{\"\(one)\":1,\"\(other)\":2}"
        let object = try #require(try JSONReader.parse(Array(text.utf8)).objectValue)
        #expect(object.count == 2)
        #expect(object[JSONString(one)] == 1)
        #expect(object[JSONString(other)] == 2)
    }
}
