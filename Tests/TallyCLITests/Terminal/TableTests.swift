// Tables on a terminal: they fit, whatever is in them; in a pipe nothing is cut.

import TallyCore
import TallyTesting
import Testing

@testable import TallyCLI

struct TableTests {
    private static let texts = [
        "a", "", "Ilze Bērziņa", "e\u{301}e\u{301}e\u{301}", "日本語のテキスト", "👩‍👩‍👧‍👦 family", "한국어",
        String(repeating: "long ", count: 40), "שלום", "\u{202E}reversed", "x\u{1b}[2J",
    ]

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func everyLineFits(seed: UInt64) {
        print("tables: seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let columns = Int.random(in: 1...12, using: &random)
            let records = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                Record((0..<columns).map { ("name\($0)", Self.value(&random)) })
            }
            let width = Int.random(in: 20...150, using: &random)
            for line in Table(records, available: width).lines {
                #expect(DisplayWidth.of(line) <= width, "\(line)")
                #expect(!line.unicodeScalars.contains("\u{1b}"))
            }
            let whole = Table(records, available: nil).lines
            #expect(!whole.joined().contains("…"))
        }
    }

    private static func value(_ random: inout SeededRandom) -> Record.Value {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: .integer(Int.random(in: 0...1_000_000_000, using: &random))
        case 1: .text(String(repeating: "0a", count: 16))
        case 2: .json(Array((texts.randomElement(using: &random) ?? "").utf8))
        case 3: .absent
        default: .text(texts.randomElement(using: &random) ?? "")
        }
    }

    @Test func textGivesWayBeforeIDsAndNumbers() {
        let id = String(repeating: "4b", count: 16)
        let record = Record([
            ("position", .integer(184_203)), ("event_id", .text(id)),
            ("data", .json(Array(#"{"a":"\#(String(repeating: "x", count: 200))"}"#.utf8))),
            ("nothing", .absent),
        ])
        let lines = Table([record], available: 80).lines
        #expect(lines[0].split(separator: " ") == ["POSITION", "EVENT_ID", "DATA"])
        #expect(lines[1].hasPrefix("184203    \(id)  {\"a\":\"xxx"))
        #expect(lines[1].hasSuffix("…") && DisplayWidth.of(lines[1]) == 80)
        #expect(Table([record], available: nil).lines[0].hasSuffix("NOTHING"))
    }

    @Test(arguments: [
        ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("👩‍👩‍👧‍👦", 2), ("🇱🇻", 2), ("a\u{200B}b", 2), ("é", 1),
        ("ﬁ", 1),
    ])
    func widthsAreThoseOfATerminal(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
        ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"), ("abc", 1, "…"),
    ])
    func aCutNeverSplitsACharacter(text: String, columns: Int, cut: String) {
        #expect(DisplayWidth.cut(text, to: columns) == cut)
    }
}

@Suite(.database)
struct TerminalTests {
    @Test(arguments: [UInt16(40), 80, 132])
    func listsFitTheTerminalAndPipesAreWhole(columns: UInt16) throws {
        #expect(try TallyProcess.run(["tenant", "create", "acme"]).status == 0)
        let data = #"{"name":"\#(String(repeating: "日本", count: 60))"}"#
        let event = ["append", "acme", "crm/contact/42", "contact.created", "--data", data]
        #expect(try TallyProcess.run(event).status == 0)
        let list = ["event", "list", "acme"]
        let shown = try TerminalProcess.run(list, columns: columns)
        #expect(shown.contains("…") && shown.hasPrefix("POSITION"))
        for line in shown.split(separator: "\n") {
            #expect(DisplayWidth.of(String(line)) <= Int(columns), "\(line)")
        }
        for whole in [
            try TallyProcess.run(list).output,
            try TerminalProcess.run(list + ["--wide"], columns: columns),
            try TerminalProcess.run(list + ["-o", "jsonl"], columns: columns),
        ] {
            #expect(whole.contains(data) && !whole.contains("…"))
        }
    }

    @Test func helpIsWrappedOnceAtTheTerminalsWidth() throws {
        for columns in [UInt16(50), 80, 120] {
            let help = try TerminalProcess.run(["event", "list", "--help"], columns: columns)
            let prose = help.split(separator: "\n").filter { !$0.hasPrefix("  tally ") }
            #expect(prose.allSatisfy { $0.count <= Int(columns) })
            #expect(help.contains("CONNECTION:"))
        }
    }
}
