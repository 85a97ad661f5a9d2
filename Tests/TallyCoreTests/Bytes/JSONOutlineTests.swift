// A value that is cut out of an object is the bytes that were submitted.

import Testing

@testable import TallyCore

struct JSONOutlineTests {
    private static func members(_ text: String) throws -> [(String, String)]? {
        try JSONOutline(Array(text.utf8))?.members.map {
            ($0.key.string, String(decoding: $0.value, as: UTF8.self))
        }
    }

    @Test func valuesAreVerbatim() throws {
        let values = [
            #"{"b":1, "a":"\u00e9\/x"}"#, "1e400", "-0.10", "null", "true", #""}]\",{[""#, "[ ]",
            "{ }", #"[[{"a":[1,2,{"b":"]"}]}],3]"#, "\"\u{e9}\u{2028}\"",
        ]
        for space in ["", " ", " \t\r\n "] {
            let text = values.enumerated().map {
                "\(space)\"k\($0)\"\(space):\(space)\($1)\(space)"
            }
            let found = try #require(
                try Self.members("\(space){\(text.joined(separator: ","))}\(space)")
            )
            #expect(found.map(\.1) == values)
            #expect(found.map(\.0) == values.indices.map { "k\($0)" })
        }
        #expect(try Self.members("{ }")?.isEmpty == true)
        #expect(try Self.members(#"{"\u0061\n":1}"#)?.first?.0 == "a\n")
    }

    @Test(arguments: ["1", "[]", "\"{}\"", "null", " [{}] "])
    func whatIsNoObjectHasNoOutline(text: String) throws {
        #expect(try JSONOutline(Array(text.utf8)) == nil)
    }

    @Test(arguments: ["", "{", #"{"a":1,"a":2}"#, #"{"a":{"b":1,"b":2}}"#, "{}x", "\u{feff}{}"])
    func whatTheReaderRefusesHasNone(text: String) {
        #expect(throws: JSONError.self) { try JSONOutline(Array(text.utf8)) }
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000), 5])
    func slicesReadAsTheTreesMembers(seed: UInt64) throws {
        print("outline: seed \(seed)")
        var random = JSONRandom(seed: seed)
        for _ in 0..<300 {
            let members = (0..<5).map {
                (key: JSONString("k\($0)"), value: random.value())
            }
            let text = JSONValue.object(JSONObject(members)).canonical()
            let outline = try #require(try JSONOutline(text))
            for member in members {
                let slice = try #require(outline[member.key])
                #expect(Array(slice) == member.value.canonical())
            }
        }
    }
}
