// Decisions in words: whom they are about, by whom something was changed, and one vocabulary.

import TallyCore
import TallyTesting
import Testing

@testable import TallyCLI

@Suite(.database)
struct DecisionWordsTests {
    private func tally(_ words: String...) throws -> TallyProcess { try TallyProcess.run(words) }

    private func acme() throws {
        #expect(try tally("tenant", "create", "acme").status == 0)
        for (stream, person) in [("c/1", "p:1"), ("c/2", "p:2")] {
            let event = ["append", "acme", stream, "t", "--data", "1", "--actor", "user:1"]
            let section = ["--personal", "\(person)={\"n\":1}"]
            #expect(try TallyProcess.run(event + section).status == 0)
        }
        // The trail knows whose events these are.
        #expect(try tally("event", "list", "acme", "--where", "subject:p:1").status == 0)
        #expect(try tally("projection", "check", "trail").status == 0)
    }

    /// The id of what was asked for.
    private func ask(_ words: [String], _ operators: OperatorFiles) throws -> String {
        let asked = try TallyProcess.run(
            words + ["--operator-key", operators.first, "-o", "jsonl"]
        )
        #expect(asked.status == 7, "\(asked.errors)")
        return try #require(try asked.lines().first?["request"]?.stringValue)
    }

    private func subjects(_ words: String...) throws -> [String?] {
        try TallyProcess.run(words + ["-o", "jsonl"]).lines().map { $0["subject"]?.stringValue }
    }

    @Test func requestsErasuresAndHoldsNameThePersonUntilSheIsErased() throws {
        try acme()
        let operators = try OperatorFiles()
        defer { operators.remove() }
        let erasure = try ask(
            ["erasure", "request", "acme", "p:1", "--ground", "g"],
            operators
        )
        let hold = try ask(["hold", "place", "acme", "p:2", "--review", "+90d"], operators)
        #expect(try subjects("approval", "list") == ["p:1", "p:2"])
        #expect(try subjects("approval", "list", "--tenant", "_ledger").isEmpty)
        #expect(try subjects("erasure", "list") == ["p:1"])
        #expect(try subjects("erasure", "show", erasure) == ["p:1"])
        let approve = ["--operator-key", operators.second]
        #expect(try TallyProcess.run(["hold", "approve", hold] + approve).status == 0)
        #expect(try subjects("hold", "list", "--tenant", "acme") == ["p:2"])
        let release = try ask(["hold", "release", hold], operators)
        #expect(try subjects("approval", "list", "--reverse").first == "p:2")
        #expect(try tally("hold", "refuse", release, "--ground", "g").status == 0)
        #expect(try TallyProcess.run(["erasure", "approve", erasure] + approve).status == 0)
        let ran = try tally("erasure", "run", erasure, "--yes")
        #expect(ran.status == 0 && ran.errors.contains("keys_destroyed"), "\(ran.errors)")
        let left = try subjects("erasure", "list")
        #expect(left.count == 1 && left[0]?.count == 32, "the tag alone: \(left)")
    }

    @Test func everyNounTakesTheSameTwoWords() throws {
        try acme()
        let operators = try OperatorFiles()
        defer { operators.remove() }
        for noun in ["erasure", "approval"] {
            let id = try ask(["erasure", "request", "acme", "p:1", "--ground", "g"], operators)
            #expect(try tally(noun, "refuse", id, "--ground", "g").status == 0)
        }
        for word in ["approve", "sign"] {
            let id = try ask(["hold", "place", "acme", "--review", "2099-01-01"], operators)
            let approved = try tally("approval", word, id, "--operator-key", operators.second)
            #expect(approved.status == 0 && approved.output.contains("applied"))
        }
        let help = try tally("approval", "--help").output
        #expect(help.contains("approve ") && help.contains("refuse "))
        #expect(try tally("restore", "refuse", "--help").status == 0)
    }

    @Test func statesAreWordsInSnakeCase() throws {
        try acme()
        let operators = try OperatorFiles()
        defer { operators.remove() }
        let approve = ["--operator-key", operators.second]
        let hold = try ask(["hold", "place", "acme", "p:1", "--review", "2099-01-01"], operators)
        #expect(try TallyProcess.run(["hold", "approve", hold] + approve).status == 0)
        let id = try ask(["erasure", "request", "acme", "p:1", "--ground", "g"], operators)
        #expect(try TallyProcess.run(["erasure", "approve", id] + approve).status == 0)
        #expect(try tally("erasure", "run", id, "--yes").status == 10)
        let held = try tally("erasure", "list", "-o", "jsonl").lines().first
        #expect(held?["state"]?.stringValue == "on_hold")
        let holds = try tally("hold", "list", "-o", "jsonl").lines().first
        #expect(holds?["state"]?.stringValue == "in_force")
        let listed = try tally("approval", "list", "--all", "-o", "jsonl").lines()
        #expect(listed.map { $0["action"]?.stringValue } == ["hold", "subject_erasure"])
    }

    @Test(arguments: [
        ("keysDestroyed", "keys_destroyed"), ("waiting", "waiting"), ("not run", "not_run"),
        ("pre-active", "pre_active"), ("", ""),
    ])
    func wordsAreSpeltInOneWay(name: String, word: String) {
        #expect(Record.Value.snakeCase(name) == word)
    }

    @Test func aVersionConflictSaysByWhomAndSinceWhen() throws {
        try acme()
        for actor in ["user:7", "user:8"] {
            let event = ["append", "acme", "c/1", "t", "--data", "2", "--actor", actor]
            #expect(try TallyProcess.run(event).status == 0)
        }
        let words = ["append", "acme", "c/1", "t", "--data", "3", "--expect", "1"]
        let conflict = try TallyProcess.run(words)
        #expect(conflict.status == 6)
        #expect(conflict.errors.contains("since version 2 by user:7, user:8, last at 20"))
        let line = #"{"stream":"c/1","type":"t","data":3,"expect":2}"#
        let lines = try TallyProcess.run(["append", "acme"], input: line)
        #expect(lines.status == 6 && lines.errors.contains("since version 3 by user:8"))
        let none = try tally("append", "acme", "c/9", "t", "--data", "3", "--expect", "4")
        #expect(none.status == 6 && !none.errors.contains("since version"))
    }

    @Test func aRestoresConflictsSayByWhomAndSinceWhichVersion() throws {
        try acme()
        let operators = try OperatorFiles()
        defer { operators.remove() }
        for actor in ["script:x", "user:7"] {
            let event = ["append", "acme", "c/1", "t", "--data", "2", "--actor", actor]
            #expect(try TallyProcess.run(event).status == 0)
        }
        let other = ["append", "acme", "c/2", "t", "--data", "2", "--actor", "script:x"]
        #expect(try TallyProcess.run(other).status == 0)
        let plan = ["restore", "plan", "acme", "--at", "2", "--actor", "script:x"]
        let asked = try TallyProcess.run(
            plan + ["--operator-key", operators.first, "-o", "jsonl"]
        )
        #expect(asked.status == 7, "\(asked.errors)")
        let id = try #require(try asked.lines().first?["restore"]?.stringValue)
        let shown = try tally("restore", "show", id, "--conflicts", "-o", "jsonl").lines()
        let conflict = try #require(shown.first)
        #expect(conflict["stream"]?.stringValue == "c/1")
        #expect(conflict["found"]?.stringValue == "when_planned")
        #expect(
            conflict["since_version"]?.uint64Value == 2 && conflict["version"]?.uint64Value == 3
        )
        #expect(conflict["by"]?.stringValue == "user:7 script:x")
    }
}
