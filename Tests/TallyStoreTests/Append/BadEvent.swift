// Events that break one rule each, with the place at which the door must say so, and some that
// keep every rule to its last byte.

import TallyCore
import Testing

@testable import TallyStore

/// Events at the very bounds of what is allowed.
enum GoodEvents {
    static let all: [NewEvent] = [
        .put(String(repeating: "s", count: 1024), type: "t", data: "null"),
        .put(
            String(repeating: "é", count: 512),
            type: String(repeating: "t", count: 255),
            data: "1"
        ),
        .note("\u{a0}é\u{c2}", type: "\u{ff}"), .patch("s", type: "t"), .delete("s", type: "t"),
        .put("s", type: "t", data: " {\"a\":[1,2,{}]} ", personal: ["p": "{}", "p#a-z_9": "[]"]),
        .put(
            "s",
            type: "t",
            data: "{}",
            personal: Sections((0..<31).map { ("p\($0)", "{}") })
        ),
        NewEvent(.put, stream: "s", type: "t", data: largest),
    ]

    /// A document of exactly 16 MiB.
    static let largest =
        Array("\"".utf8) + [UInt8](repeating: 0x61, count: (16 << 20) - 2) + Array("\"".utf8)
}

/// A bad event: what is wrong with it, and where that must be said to be.
struct BadEvent: Sendable, CustomTestStringConvertible {
    let name: String
    let pointer: String
    var code = Problem.Code.invalid
    let event: NewEvent

    var testDescription: String { name }

    static let all = badTexts + badEvents + badSections + badData

    /// Stands for everything personal or secret in the bad events.
    static let canary = "Canary Ilze@example.com"

    private static let badTexts: [BadEvent] = bends.map { name, field, bend in
        var event = NewEvent.put("s", type: "t", data: "{}")
        bend(&event)
        return BadEvent(name: name, pointer: "/\(field)", event: event)
    }

    private static let bends: [(String, String, @Sendable (inout NewEvent) -> Void)] = [
        ("an empty stream", "stream", { $0.stream = "" }),
        ("a stream of 1,025 bytes", "stream", { $0.stream = long(1025) }),
        (
            "a stream of 513 two-byte characters", "stream",
            {
                $0.stream = canary + String(repeating: "é", count: 513)
            }
        ),
        ("a line break in a stream", "stream", { $0.stream = canary + "\n" }),
        ("a NUL in a stream", "stream", { $0.stream = canary + "\u{0}" }),
        ("a DEL in a stream", "stream", { $0.stream = canary + "\u{7f}" }),
        ("an empty type", "type", { $0.type = "" }),
        ("a type of 256 bytes", "type", { $0.type = long(256) }),
        ("a tab in a type", "type", { $0.type = canary + "\t" }),
        ("an actor of 256 bytes", "actor", { $0.actor = long(256) }),
        ("an escape in an actor", "actor", { $0.actor = canary + "\u{1b}" }),
        ("a C1 control in an actor", "actor", { $0.actor = canary + "\u{9b}" }),
        ("a principal of 256 bytes", "on_behalf_of", { $0.onBehalfOf = long(256) }),
        ("a correlation of 65 bytes", "correlation", { $0.correlation = long(65) }),
        ("a causation of 65 bytes", "causation", { $0.causation = long(65) }),
        ("version 0", "expect", { $0.expecting = .version(0) }),
        ("version -1", "expect", { $0.expecting = .version(-1) }),
        ("a version of more than 31 bits", "expect", { $0.expecting = .version(1 << 31) }),
    ]

    private static let badEvents: [BadEvent] = [
        BadEvent(
            name: "a put without data",
            pointer: "/data",
            event: NewEvent(.put, stream: canary, type: "t")
        ),
        BadEvent(
            name: "a patch of all data with null",
            pointer: "/data",
            event: NewEvent(.patch, stream: canary, type: "t", data: Array(" null\n".utf8))
        ),
        BadEvent(
            name: "a revert",
            pointer: "/operation",
            event: NewEvent(.revert, stream: canary, type: "t", data: [1])
        ),
        BadEvent(
            name: "32 personal sections",
            pointer: "/personal",
            code: .tooLarge,
            event: .put(
                "s",
                type: "t",
                data: "{}",
                personal: Sections((0..<32).map { ("\(canary) \($0)", "{}") })
            )
        ),
        BadEvent(
            name: "17 MiB of data",
            pointer: "/data",
            code: .tooLarge,
            event: NewEvent(.put, stream: "s", type: "t", data: GoodEvents.largest + [0x20])
        ),
        BadEvent(
            name: "17 MiB in a section",
            pointer: "/personal/0",
            code: .tooLarge,
            event: NewEvent(
                .note,
                stream: "s",
                type: "t",
                personal: [canary: GoodEvents.largest + [UInt8](repeating: 0x20, count: 1 << 20)]
            )
        ),
        BadEvent(
            name: "more than 16 MiB together",
            pointer: "",
            code: .tooLarge,
            event: NewEvent(
                .put,
                stream: "s",
                type: "t",
                data: GoodEvents.largest,
                personal: [canary: [0x31]]
            )
        ),
    ]

    private static let badSections: [BadEvent] = [
        "#c", "\(canary)#", "\(canary)#C", "\(canary)#a#b", "\(canary)#a b", "\(canary)#é",
        "\(canary)#\(String(repeating: "c", count: 64))", long(256), "\(canary)\n", "",
        // A number sign that a combining mark or a joiner follows is still a number sign.
        "\(canary)#\u{301}", "\(canary)#\u{200d}", "\(canary)#\u{fe0f}\u{20e3}",
    ].map { key in
        let place = key.contains("#") && !key.hasPrefix("#") ? "" : "/subject"
        let isMarked = key.utf8.contains(UInt8(ascii: "#")) && !key.hasPrefix("#")
        return BadEvent(
            name: "a section named \(key.debugDescription)",
            pointer: "/personal/0\(isMarked ? "" : place)",
            event: .put("s", type: "t", data: "{}", personal: [key: "{}"])
        )
    }

    private static let badData: [BadEvent] = badTextsOfData.map { name, pointer, data in
        BadEvent(
            name: name,
            pointer: "/data\(pointer)",
            event: NewEvent(.put, stream: "s", type: "t", data: data)
        )
    }

    private static let badTextsOfData: [(String, String, [UInt8])] = [
        ("nothing", "", Array("".utf8)),
        ("an escaped NUL", "/a/1", Array(#"{"a":["\#(canary)","\#(canary)\u0000"]}"#.utf8)),
        ("a NUL", "/a", Array("{\"a\":\"\(canary)\u{0}\"}".utf8)),
        ("a lone high surrogate", "/a", Array(#"{"a":"\#(canary) \ud83d"}"#.utf8)),
        ("a lone low surrogate", "/a", Array(#"{"a":"\#(canary) \ude00 x"}"#.utf8)),
        ("invalid UTF-8", "/a", Array("{\"a\":\"\(canary)".utf8) + [0xff] + Array("\"}".utf8)),
        ("an encoded surrogate", "/a", Array("{\"a\":\"".utf8) + [0xed, 0xa0, 0x80, 0x22, 0x7d]),
        ("a torn document", "/a/b", Array(#"{"a":{"b":"\#(canary)"#.utf8)),
        ("a word", "/a/2", Array(#"{"a":[1,2,\#(canary)]}"#.utf8)),
        ("a key twice", "/a", Array(#"{"a":"\#(canary)","a":"\#(canary)"}"#.utf8)),
        ("a personal key twice", "/?", Array(#"{"\#(canary)":1,"\#(canary)":2}"#.utf8)),
        ("something behind the document", "", Array("{} \(canary)".utf8)),
    ]

    private static func long(_ count: Int) -> String {
        canary + String(repeating: "x", count: count - canary.utf8.count)
    }
}
