// Errors for people in three lines, for programs as an object, and what was most likely meant.

import TallyCore
import TallyTesting
import Testing

@testable import TallyCLI

@Suite(.database)
struct ErrorFormTests {
    /// What goes wrong, how it ends, and a word of what is said.
    private static let failures: [(words: [String], code: String, exit: Int32)] = [
        (["tenant", "show", "nobody"], "not_found", 5),
        (["event", "list", "acme", "--where", "colour:red"], "invalid", 1),
        (["event", "list", "acme", "--limit", "0"], "usage", 64),
        (["event", "list", "acme", "--limit", "x"], "usage", 64),
        (["event", "list", "acme", "--limt", "1"], "usage", 64),
        (["event", "list"], "usage", 64), (["event", "lst", "acme"], "usage", 64),
        (["nonsense"], "usage", 64), (["time", "show", "acme", "--at", "soon"], "usage", 64),
        (["append", "acme", "s", "t", "--data", "{"], "invalid", 1),
        (["append", "acme", "s", "t", "--data", "1", "--expect", "7"], "version_conflict", 6),
    ]

    @Test(arguments: [["-o", "json"], ["-o", "jsonl"], ["--output", "json"], ["--output=json"]])
    func programsGetAnObject(form: [String]) throws {
        #expect(try TallyProcess.run(["tenant", "create", "acme"]).status == 0)
        for failure in Self.failures {
            let ended = try TallyProcess.run(failure.words + form)
            #expect(ended.status == failure.exit && ended.output.isEmpty)
            let lines = ended.errors.split(separator: "\n")
            #expect(lines.count == 1, "\(ended.errors)")
            let said = try JSONReader.parse(Array(ended.errors.utf8.dropLast())).objectValue
            let error = try #require(said?["error"]?.objectValue)
            #expect(error["code"]?.stringValue == failure.code)
            #expect(error["exit"]?.uint64Value == UInt64(failure.exit))
            #expect(error["message"]?.stringValue?.isEmpty == false)
            #expect(error["hint"]?.stringValue?.isEmpty == false)
        }
        let pointed = try TallyProcess.run(["append", "acme", "s", "t", "--data", "{"] + form)
        #expect(pointed.errors.contains(#""pointer":"/"#), "\(pointed.errors)")
    }

    @Test func peopleGetThreeLines() throws {
        #expect(try TallyProcess.run(["tenant", "create", "acme"]).status == 0)
        for failure in Self.failures {
            let ended = try TallyProcess.run(failure.words)
            let lines = ended.errors.split(separator: "\n")
            #expect(lines.count == 3 && ended.status == failure.exit, "\(ended.errors)")
            #expect(lines[0].hasPrefix("error: "))
            #expect(lines[1] == "  kind: \(failure.code)")
            #expect(lines[2].hasPrefix("  next: "))
        }
    }

    @Test(arguments: [
        (["evnt", "list"], "did you mean tally event?"),
        (["help", "tenat"], "did you mean tally tenant?"),
        (["event", "lst", "acme"], "did you mean tally event list?"),
        (["event", "list", "acme", "--limt", "1"], "Did you mean '--limit'?"),
        (["event", "list", "acmee"], "did you mean acme?"),
        (["tenant", "show", "Acme"], "did you mean acme?"),
        (["projection", "check", "document"], "did you mean documents?"),
        (["projection", "show", "trial"], "did you mean trail?"),
        (["event", "list", "acme", "--where", "typ:x"], "did you mean type?"),
    ])
    func whatWasMeantIsNamed(words: [String], meant: String) throws {
        #expect(try TallyProcess.run(["tenant", "create", "acme"]).status == 0)
        let ended = try TallyProcess.run(words)
        #expect(ended.status != 0 && ended.errors.contains(meant), "\(ended.errors)")
    }

    @Test(arguments: [
        ([], OutputForm.table), (["-o", "json"], .json), (["-o", "json", "-o", "csv"], .csv),
        (["dev", "--", "tally", "status", "-o", "json"], .table), (["-o"], .table),
        (["--output=jsonl", "--nonsense"], .jsonl), (["-o", "yaml"], .table),
    ])
    func theFormOfErrorsIsKnownWhateverElseIsTyped(words: [String], form: OutputForm) {
        #expect(OutputForm.asked(in: words) == form)
    }
}
