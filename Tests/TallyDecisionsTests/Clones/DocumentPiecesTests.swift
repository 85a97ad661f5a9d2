// Documents cut into events of a clone: folded again they are what they were.

import TallyCore
@testable import TallyDecisions
import TallyStore
import TallyTesting
import Testing

struct DocumentPiecesTests {
    private static func text(_ bytes: Int) -> JSONValue {
        .string(JSONString(String(repeating: "x", count: bytes)))
    }

    /// What the events of a document's pieces add up to.
    private static func folded(_ content: DocumentContent) throws -> DocumentContent? {
        var folded: DocumentContent?
        for (number, piece) in DocumentPieces.cut(content).enumerated() {
            let sections = piece.personal.sorted { $0.key < $1.key }
            #expect(sections.count <= 31)
            let event = FoldEvent(
                version: number + 1,
                position: number,
                operation: number == 0 ? .put : .patch,
                data: piece.data?.canonical() ?? [],
                sections: sections.map { .content($0.key, $0.value.canonical()) }
            )
            let bytes = sections.reduce(event.data.count) { $0 + $1.value.canonicalByteCount }
            #expect(bytes <= StoreLimits.eventBytes)
            try StreamFold.apply(event, to: &folded)
        }
        return folded
    }

    @Test func aSmallDocumentIsOneEvent() throws {
        var content = DocumentContent()
        content.data = ["a": nil, "b": [1]]
        content.personal[PersonalName(subject: "p")] = .null
        #expect(DocumentPieces.cut(content).count == 1)
        #expect(try Self.folded(content) == content)
    }

    @Test func aLargeOneIsMergedFromSeveral() throws {
        var content = DocumentContent()
        content.data = [
            "nulls": ["a": nil, "b": ["c": nil, "d": Self.text(3 << 20)], "empty": [:]],
            "deep": [
                "x": ["y": Self.text(9 << 20), "z": Self.text(9 << 20)], "list": [nil, [:]],
            ],
            "scalar": 15,
        ]
        for number in 0..<70 {
            content.personal[PersonalName(subject: "p\(number)")] =
                number % 7 == 0 ? ["n": nil, "t": Self.text(1000)] : ["t": Self.text(100_000)]
        }
        content.personal[PersonalName(subject: "null")] = .null
        content.personal[PersonalName(subject: "large")] = [
            "a": Self.text(10 << 20), "b": Self.text(10 << 20),
        ]
        #expect(DocumentPieces.cut(content).count > 3)
        #expect(try Self.folded(content) == content)
    }

    @Test(arguments: [JSONValue.null, 1, [nil], [:], "x"])
    func dataThatIsNoObjectIsPut(data: JSONValue) throws {
        var content = DocumentContent()
        content.data = data
        for name in ["a", "b"] {
            content.personal[PersonalName(subject: name)] = ["t": Self.text(9 << 20)]
        }
        #expect(try Self.folded(content) == content)
    }
}
