// Lines of standard input: stored in order up to the first that is refused, or past it where asked;
// a receipt says which line it is of.

import Foundation
import TallyCore
import TallyTesting
import Testing

@Suite(.database)
struct LineTests {
    private func tally(_ words: String..., input: String = "") throws -> TallyProcess {
        try TallyProcess.run(words, input: input)
    }

    /// Five lines of streams 1 to 5; some have other members.
    private static func lines(_ others: [Int: String]) -> String {
        (1...5).map {
            others[$0] ?? #"{"stream":"s/\#($0)","type":"t","data":\#($0),"request":"r\#($0)"}"#
        }.joined(separator: "\n")
    }

    private func streams() throws -> [String] {
        try tally("stream", "list", "one", "-o", "id").output.split(separator: "\n")
            .map(String.init).sorted()
    }

    private static let refused: [(line: String, code: Int32)] = [
        (#"{"stream":"s/3","type":"t","data":3,"expect":7}"#, 6),
        (#"{"stream":"s/3","type":"","data":3}"#, 1),
        (#"{"stream":"s/3","type":"t","data":3,"request":"used"}"#, 6),
        (#"{"stream":"s/3","type":"t","data":{"a":1,"a":2}}"#, 1),
        (#"{"stream":"s/3","stream":"s/4","type":"t","data":3}"#, 1),
        (#"{"stream":"s/3","type":"t","data":3"#, 1), ("[]", 1), ("null", 1), ("\u{feff}{}", 1),
        (#"{"stream":"s/\u0000","type":"t","data":3}"#, 1),
        (#"{"stream":"s/3","type":"t","data":3,"operation":"revert"}"#, 1),
        (#"{"stream":"s/3","type":"t","data":3,"personal":{"p":1,"p":2}}"#, 1),
    ]

    @Test(arguments: refused.indices)
    func aRefusedLineEndsTheImportAndThoseBeforeItAreStored(index: Int) throws {
        let (line, code) = Self.refused[index]
        _ = try tally("tenant", "create", "one")
        _ = try tally("append", "one", "x", "t", "--data", "1", "--request", "used")
        let input = Self.lines([3: line])
        let tried = try tally("append", "one", "--dry-run", input: input)
        #expect(tried.status == code)
        #expect(tried.errors.contains("line 3: "))
        #expect(try streams() == ["x"])
        let ended = try tally("append", "one", "-o", "jsonl", input: input)
        #expect(ended.status == code)
        #expect(ended.errors.contains("line 3: "))
        #expect(ended.errors.contains("2 events are stored"))
        #expect(try streams() == ["s/1", "s/2", "x"])
        let receipts = try Self.records(ended.output)
        #expect(receipts.map { $0["line"]?.uint64Value } == [1, 2])
        #expect(receipts.map { $0["request"]?.stringValue } == ["r1", "r2"])
    }

    @Test func keepGoingStoresTheRestAndListsTheRefused() throws {
        _ = try tally("tenant", "create", "one")
        let input = Self.lines([
            2: #"{"stream":"s/2","type":"t","data":1,"expect":9,"request":"r2"}"#, 4: "{",
        ])
        let tried = try tally("append", "one", "--dry-run", "--keep-going", input: input)
        #expect(tried.status == 6)
        #expect(tried.errors.contains("would append 3 events to one; would refuse 2"))
        let ended = try tally("append", "one", "--keep-going", "-o", "jsonl", input: input)
        #expect(ended.status == 6)
        #expect(try streams() == ["s/1", "s/3", "s/5"])
        let records = try Self.records(ended.output)
        #expect(records.map { $0["line"]?.uint64Value } == [1, 2, 3, 4, 5])
        #expect(records[1]["error"] == "version_conflict")
        #expect(records[1]["request"] == "r2")
        #expect(records[1]["pointer"] == "/expect")
        #expect(records[3]["error"] == "invalid")
        #expect(ended.errors.contains("3/5 ok, 2 refused"))
    }

    @Test func manyRefusedLinesAreCountedAndTheFirstAreTold() throws {
        _ = try tally("tenant", "create", "one")
        let input = String(repeating: "{}\n", count: 700)
        let ended = try tally("append", "one", "--keep-going", input: input)
        #expect(ended.status == 1)
        #expect(ended.errors.contains("line 10: "))
        #expect(!ended.errors.contains("line 11: "))
        #expect(ended.errors.contains("690 more lines are refused"))
        let listed = try tally("append", "one", "--keep-going", "-o", "jsonl", input: input)
        #expect(try Self.records(listed.output).count == 700)
    }

    @Test func theUnknownFieldIsNamedWithoutSteeringATerminal() throws {
        _ = try tally("tenant", "create", "one")
        let long = String(repeating: "x", count: 200)
        for (name, shown) in [
            ("tipe", #""tipe""#), ("Stream", #""Stream""#), ("\u{1b}[31m", #"\u{1b}[31m"#),
            ("ty\u{202e}pe", #"ty\u{202e}pe"#), (long, "x…"),
        ] {
            let key = String(
                decoding: JSONValue.string(JSONString(name)).canonical(),
                as: UTF8.self
            )
            let ended = try tally("append", "one", input: "{\(key):1}")
            #expect(ended.status == 1)
            #expect(ended.errors.contains("line 1: no field is named "))
            #expect(ended.errors.contains(shown))
            #expect(!ended.errors.contains(String(repeating: "x", count: 50)))
        }
    }

    @Test func blankLinesAreCountedAndALastLineNeedsNoBreak() throws {
        _ = try tally("tenant", "create", "one")
        let event = #"{"stream":"a","type":"t","data":1}"#
        let ended = try tally(
            "append",
            "one",
            "-o",
            "csv",
            input: "\n \t\r\n\(event)\r\n\n\(event)"
        )
        #expect(ended.errors.contains("2/2 ok"))
        let rows = ended.output.split(separator: "\n")
        #expect(rows.first?.hasSuffix(",request,line") == true)
        #expect(rows.dropFirst().map { $0.split(separator: ",").last } == ["3", "5"])
    }

    @Test func oneEventByFlagsByFileAndByLineIsOneRequest() throws {
        _ = try tally("tenant", "create", "one")
        let data = #"{"b":1, "a":"\u00e9\/x", "n":1.0e2}"#
        let person = #"{"z":1,"a":[ ]}"#
        let file = NSTemporaryDirectory() + UUID().uuidString
        try Data("\n \(data)\n".utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let flags = try tally(
            "append",
            "one",
            "v/1",
            "t",
            "--data",
            data,
            "--personal",
            "p#tax=\(person)",
            "--request",
            "r1",
            "-o",
            "json"
        )
        let byFile = try tally(
            "append",
            "one",
            "v/1",
            "t",
            "--data",
            "@\(file)",
            "--personal",
            "p#tax= \(person)",
            "--request",
            "r1",
            "-o",
            "json"
        )
        let line =
            #"{"request":"r1","personal":{"p#tax":  \#(person) },"stream":"v/1","#
            + #""type":"t","data": \#(data) }"#
        let byLine = try tally("append", "one", "-o", "jsonl", input: line)
        #expect(flags.status == 0)
        #expect(byFile.output == flags.output)
        #expect(byLine.output.hasPrefix(flags.output.dropLast(2)))
        let listed = try tally("event", "list", "one", "--stream", "v/1", "-o", "jsonl")
        #expect(listed.output.contains(#""data":\#(data),"personal":{"p#tax":\#(person)}"#))
    }

    @Test func namesThatUnicodeCallsEquivalentStayApart() throws {
        _ = try tally("tenant", "create", "one")
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        let ended = try tally(
            "append",
            "one",
            "s",
            "t",
            "--data",
            "1",
            "--personal",
            "\(composed)=1",
            "--personal",
            "\(decomposed)=2"
        )
        #expect(ended.status == 0)
        let lines = [composed, decomposed].map {
            #"{"stream":"\#($0)","type":"t","data":1,"request":"\#($0)"}"# + "\n"
        }
        #expect(try tally("append", "one", input: lines.joined()).errors.contains("2/2 ok"))
        #expect(try tally("stream", "list", "one", "-o", "id").output.utf8.count(of: 0x0a) == 3)
        let shown = try tally("subject", "show", "one", composed, "-o", "jsonl").output
        #expect(shown.contains(#""data":1"#))
        #expect(!shown.contains(#""data":2"#))
        let twice = try tally(
            "append",
            "one",
            "s",
            "t",
            "--data",
            "1",
            "--personal",
            "p=1",
            "--personal",
            "p=2"
        )
        #expect(twice.status == 1)
    }

    private static func records(_ output: String) throws -> [JSONObject] {
        try output.split(separator: "\n").map {
            try #require(try JSONReader.parse(Array($0.utf8)).objectValue)
        }
    }
}

extension Sequence<UInt8> {
    fileprivate func count(of byte: UInt8) -> Int { count { $0 == byte } }
}
