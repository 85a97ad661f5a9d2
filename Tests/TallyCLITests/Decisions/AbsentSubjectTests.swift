// A mistyped name must not pass for a person: whoever believes that somebody was erased, held back
// or exported who was not, finds out too late.

import TallyTesting
import Testing

@Suite(.database)
struct AbsentSubjectTests {
    private func tally(_ words: String...) throws -> TallyProcess { try TallyProcess.run(words) }

    private func acme() throws {
        #expect(try tally("tenant", "create", "acme").status == 0)
        let sections = ["--personal", #"p:1={"n":1}"#, "--personal", #"p:1#billing={"n":1}"#]
        let event = ["append", "acme", "c/1", "t", "--data", "1"]
        #expect(try TallyProcess.run(event + sections).status == 0)
    }

    @Test func nothingIsAskedForUnderANameThatNoEventHas() throws {
        try acme()
        let operators = try OperatorFiles()
        defer { operators.remove() }
        for words in [
            ["erasure", "request", "acme", "p:2", "--ground", "art17-1-b"],
            ["erasure", "request", "acme", "p:1", "--class", "tax", "--ground", "art17-1-b"],
            ["hold", "place", "acme", "p:2", "--review", "2099-01-01"],
        ] {
            let asking = words + ["--operator-key", operators.first]
            for ending in [[], ["--dry-run"]] {
                let refused = try TallyProcess.run(asking + ending)
                #expect(refused.status == 5, "\(refused.errors)")
                #expect(refused.errors.contains("nothing is or was held under the name"))
                #expect(refused.output.isEmpty)
            }
            let dry = try TallyProcess.run(asking + ["--absent", "--dry-run"])
            #expect(dry.status == 0 && dry.errors.hasPrefix("would ask"), "\(dry.errors)")
            #expect(try TallyProcess.run(asking + ["--absent"]).status == 7)
        }
        let steps = try tally("event", "list", "acme", "--where", "kind:erasureStep", "-o", "id")
        #expect(steps.output.split(separator: "\n").count == 2)
    }

    @Test(arguments: [[], ["--class", "billing"]])
    func aKnownNameNeedsNoFlag(classes: [String]) throws {
        try acme()
        let operators = try OperatorFiles()
        defer { operators.remove() }
        let asking = ["erasure", "request", "acme", "p:1", "--ground", "g"]
        let asked = try TallyProcess.run(asking + classes + ["--operator-key", operators.first])
        #expect(asked.status == 7, "\(asked.errors)")
    }

    @Test func readingAboutNobodyIsNoEmptyAnswer() throws {
        try acme()
        #expect(try tally("subject", "show", "acme", "p:1").status == 0)
        for words in [
            ["subject", "show", "acme", "p:2"], ["subject", "export", "acme", "p:2"],
            ["subject", "find", "p:2"],
        ] {
            let refused = try TallyProcess.run(words)
            #expect(refused.status == 5 && refused.output.isEmpty)
        }
    }
}
