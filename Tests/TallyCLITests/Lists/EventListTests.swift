// Lists of events: ids that other commands take, the newest first, and kinds.

import TallyCore
import TallyTesting
import Testing

@Suite(.database)
struct EventListTests {
    private func tally(_ words: String...) throws -> TallyProcess { try TallyProcess.run(words) }

    /// A tenant with eight events in two streams after its genesis.
    private func acme() throws {
        #expect(try tally("tenant", "create", "acme").status == 0)
        let lines = (1...8).map { #"{"stream":"s/\#($0 % 2)","type":"t","data":\#($0)}"# }
        let appended = try TallyProcess.run(
            ["append", "acme"],
            input: lines.joined(separator: "\n")
        )
        #expect(appended.status == 0)
    }

    private func positions(_ words: String...) throws -> [Int] {
        let listed = try TallyProcess.run(words + ["-o", "id"])
        #expect(listed.status == 0, "\(listed.errors)")
        return listed.output.split(separator: "\n").compactMap { Int($0) }
    }

    private func id(of position: Int) throws -> String {
        let shown = try tally("event", "show", "acme", String(position), "-o", "jsonl")
        return try #require(try shown.lines().first?["event_id"]?.stringValue)
    }

    @Test func everyListOfEventsHasTheirIDs() throws {
        try acme()
        let ids = try (1...8).map { try id(of: $0) }
        for words in [
            ["event", "list", "acme", "--after", "0"],
            ["event", "list", "acme", "--where", "type:t"],
            ["tail", "acme", "--after", "0", "--count", "8"],
        ] {
            let rows = try TallyProcess.run(words + ["-o", "jsonl"]).lines()
            #expect(rows.compactMap { $0["event_id"]?.stringValue } == ids, "\(words)")
        }
        for words in [
            ["event", "list", "acme", "--stream", "s/1"], ["document", "history", "acme", "s/1"],
        ] {
            let rows = try TallyProcess.run(words + ["-o", "jsonl"]).lines()
            #expect(
                rows.compactMap { $0["event_id"]?.stringValue } == [0, 2, 4, 6].map { ids[$0] }
            )
        }
        let streams = try tally("stream", "list", "acme", "--reverse", "-o", "jsonl").lines()
        #expect(streams.compactMap { $0["event_id"]?.stringValue } == [ids[7], ids[6]])
        let shown = try tally("stream", "show", "acme", "s/0", "-o", "jsonl").lines()
        #expect(shown.first?["event_id"]?.stringValue == ids[7])
    }

    @Test func aRecordIsOneLineWhateverBlanksItsDataHas() throws {
        try acme()
        let data = "{\r\n  \"a\": \"b c\",\n  \"d\": [1,\n 2]\n}\n"
        let appended = try tally(
            "append",
            "acme",
            "s/9",
            "t",
            "--data",
            data,
            "--personal",
            "p={\n\"n\":\n1}"
        )
        #expect(appended.status == 0, "\(appended.errors)")
        for words in [
            ["event", "show", "acme", "9"], ["document", "history", "acme", "s/9"],
            ["event", "list", "acme", "--where", "stream:s/9"],
        ] {
            let row = try #require(try TallyProcess.run(words + ["-o", "jsonl"]).lines().first)
            #expect(row["data"] == ["a": "b c", "d": [1, 2]], "\(words)")
            #expect(row["personal"] == ["p": ["n": 1]], "\(words)")
        }
    }

    @Test func anIDStandsWhereAPositionMay() throws {
        try acme()
        let id = try id(of: 5)
        for form in [id, "event:\(id)", id.uppercased()] {
            #expect(try positions("event", "show", "acme", form) == [5])
            #expect(try positions("event", "list", "acme", "--after", form) == [6, 7, 8])
            #expect(
                try positions("event", "list", "acme", "--where", "type:t", "--after", form)
                    == [6, 7, 8]
            )
        }
        #expect(try positions("event", "list", "acme", "--stream", "s/1", "--after", id) == [7])
        #expect(
            try positions("document", "history", "acme", "s/1", "--after", id, "--reverse")
                == [3, 1]
        )
        let shown = try tally("time", "show", "acme", "--at", "before:\(id)", "-o", "id")
        #expect(shown.output == "5\n")
        let other = try tally("event", "list", "acme", "--stream", "s/0", "--after", id)
        #expect(other.status == 5 && other.errors.contains("is not one of s/0"))
        let unknown = String(repeating: "ab", count: 16)
        #expect(try tally("event", "show", "acme", unknown).status == 5)
        #expect(try tally("event", "list", "acme", "--after", unknown).status == 5)
        #expect(try tally("event", "show", "acme", "abc").status == 64)
        #expect(try tally("event", "list", "acme", "--after", "abc").status == 64)
    }

    @Test func theNewestComeFirst() throws {
        try acme()
        let events = ["event", "list", "acme", "--reverse", "-o", "id"]
        func newest(_ words: String...) throws -> String {
            try TallyProcess.run(events + words).output
        }
        #expect(try newest("--limit", "3") == "8\n7\n6\n")
        #expect(try newest("--after", "6", "--limit", "2") == "5\n4\n")
        #expect(try newest("--where", "stream:s/0") == "8\n6\n4\n2\n")
        #expect(try newest("--stream", "s/1", "--limit", "2") == "7\n5\n")
        #expect(
            try positions("document", "history", "acme", "s/1", "--reverse", "--at", "6")
                == [5, 3, 1]
        )
        let streams = try tally("stream", "list", "acme", "--reverse", "-o", "id").output
        #expect(streams == "s/0\ns/1\n")
        let documents = ["document", "list", "acme", "--reverse", "--at", "7", "-o", "id"]
        #expect(try TallyProcess.run(documents).output == "s/1\ns/0\n")
        let changes = ["time", "diff", "acme", "--at", "6", "--reverse", "-o", "id"]
        #expect(try TallyProcess.run(changes).output == "s/0\ns/1\n")
    }

    @Test func theLedgersOwnEventsAreChosenAndLeftOut() throws {
        try acme()
        _ = try tally("tenant", "freeze", "acme")
        _ = try tally("tenant", "thaw", "acme")
        func found(_ query: String) throws -> [Int] {
            try positions("event", "list", "acme", "--where", query)
        }
        #expect(try found("kind:frozen") == [9])
        #expect(try found("-kind:recorded") == [0, 9, 10])
        #expect(try found("kind:recorded") == Array(1...8))
        let wrong = try tally("event", "list", "acme", "--where", "kind:erasure")
        #expect(wrong.status == 1 && wrong.errors.contains("erasureStep"))
        let tail = ["tail", "acme", "--after", "-1", "--where", "kind:thawed", "--count", "1"]
        #expect(try TallyProcess.run(tail + ["-o", "id"]).output == "10\n")
    }
}
