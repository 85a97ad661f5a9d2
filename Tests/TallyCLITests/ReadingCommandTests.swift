// The commands that read: documents, streams, queries, tails, moments and projections.

import TallyCore
import TallyPostgres
import TallyTesting
import Testing

@Suite(.database)
struct ReadingCommandTests {
    private func tally(_ words: String...) throws -> TallyProcess { try TallyProcess.run(words) }

    /// A tenant with six events.
    private func acme() throws {
        #expect(try tally("tenant", "create", "acme").status == 0)
        for words in [
            [
                "crm/contact/1", "contact.created", "--data", #"{"stage":"lead","n":1.0}"#,
                "--actor", "user:1",
            ],
            ["crm/contact/2", "contact.created", "--data", #"{"x":"=1+1"}"#, "--actor", "user:2"],
            [
                "crm/contact/1", "contact.updated", "--operation", "patch", "--data",
                #"{"stage":"won"}"#,
            ],
            ["crm/contact/2", "contact.deleted", "--operation", "delete", "--actor", "=cmd"],
            ["alone", "noted", "--operation", "note", "--personal", #"person:9={"name":"Ilze"}"#],
        ] {
            let appended = try TallyProcess.run(["append", "acme"] + words)
            #expect(appended.status == 0, "\(appended.errors)")
        }
    }

    @Test func documentsAreShownNowAndThen() throws {
        try acme()
        let now = try tally("document", "show", "acme", "crm/contact/1", "-o", "json").output
        #expect(now.contains(#""version":2,"position":3,"data":{"n":1.0,"stage":"won"}"#))
        let then = try tally("document", "show", "acme", "crm/contact/1", "--at", "2", "-o", "json")
        #expect(then.output.contains(#""data":{"n":1.0,"stage":"lead"}"#))
        #expect(try tally("document", "show", "acme", "crm/contact/2").status == 5)
        #expect(try tally("document", "list", "acme", "-o", "id").output == "crm/contact/1\n")
        let past = try tally("document", "list", "acme", "--at", "2", "-o", "id").output
        #expect(Set(past.split(separator: "\n")) == ["crm/contact/1", "crm/contact/2"])
        let none = try tally("document", "list", "acme", "--collection", "crm", "-o", "id")
        #expect(none.output.isEmpty && none.status == 0)
        #expect(try tally("document", "list", "acme", "--after", "zz").status == 1)
        let steered = try tally("document", "show", "acme", "a\u{1b}[2J\nb")
        #expect(steered.status == 5)
        #expect(!steered.errors.contains("\u{1b}") && steered.errors.contains("a [2J b"))
        let history = try tally("document", "history", "acme", "crm/contact/2", "-o", "id")
        #expect(history.output == "2\n4\n")
        let before = try tally(
            "document",
            "history",
            "acme",
            "crm/contact/2",
            "--at",
            "3",
            "-o",
            "id"
        )
        #expect(before.output == "2\n")
    }

    @Test func queriesFilterAndCSVIsSafeForSpreadsheets() throws {
        try acme()
        let found = try tally("event", "list", "acme", "--where", "type:contact.*", "-o", "csv")
        let lines = found.output.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(found.output.contains(",'=cmd,"))
        #expect(
            try tally("event", "list", "acme", "--where", "subject:person:9", "-o", "id").output
                == "5\n"
        )
        let refused = try tally("event", "list", "acme", "--where", "colour:red")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("at byte 0"))
        #expect(
            try tally("event", "list", "acme", "--where", "type:a", "--stream", "b").status == 64
        )
        let limited = try tally("event", "list", "acme", "--where", "", "--limit", "2")
        #expect(limited.errors.contains("more: --after 1"))
    }

    @Test func aTailEndsAfterItsCount() throws {
        try acme()
        let tail = try tally("tail", "acme", "--after", "-1", "--count", "3", "-o", "id")
        #expect(tail.output == "0\n1\n2\n")
        let first = try tally("tail", "acme", "--after", "-1", "--count", "1", "-o", "jsonl")
        let id = try #require(try first.lines().first?["event_id"]?.stringValue)
        let rest = try tally("tail", "acme", "--after", id, "--count", "2", "-o", "id")
        #expect(rest.output == "1\n2\n")
        let unknown = String(repeating: "0a", count: 16)
        #expect(try tally("tail", "acme", "--after", unknown, "--count", "1").status == 5)
        #expect(try tally("tail", "acme", "--count", "0").status == 64)
        #expect(try tally("tail", "nobody", "--count", "1").status == 5)
    }

    @Test func momentsAndDifferences() throws {
        try acme()
        let shown = try tally("time", "show", "acme", "--at", "2", "-o", "json").output
        #expect(shown.contains(#""events":3,"position":2,"#))
        #expect(try tally("time", "show", "acme", "--at", "2100-01-01").status == 1)
        #expect(try tally("time", "show", "acme", "--at", "99").status == 5)
        #expect(try tally("time", "show", "acme", "--at", "soon").status == 64)
        let diff = try tally("time", "diff", "acme", "--at", "2", "--exit-code")
        #expect(diff.status == 20)
        #expect(diff.output.contains("crm/contact/1\tupdated\t1\t2\tdata.stage"))
        #expect(diff.output.contains("crm/contact/2\tdeleted\t1\t"))
        #expect(try tally("time", "diff", "acme", "--at", "5", "--exit-code").status == 0)
        #expect(try tally("time", "diff", "acme", "--at", "4", "--to", "2").status == 1)
    }

    @Test func streamsAreListedAlsoThoseWithoutADocument() throws {
        try acme()
        let listed = try tally("stream", "list", "acme", "-o", "id").output
        #expect(Set(listed.split(separator: "\n")) == ["crm/contact/1", "crm/contact/2", "alone"])
        let shown = try tally("stream", "show", "acme", "crm/contact/2", "-o", "json").output
        #expect(shown.contains(#""version":2,"type":"contact.deleted""#))
        #expect(try tally("stream", "show", "acme", "nothing").status == 5)
    }

    @Test func projectionsAreCheckedRebuiltAndFoundWrong() throws {
        try acme()
        for name in ["documents", "trail"] {
            #expect(try tally("projection", "check", name).status == 0)
            let dry = try tally("projection", "rebuild", name, "--dry-run")
            #expect(dry.errors.contains("would rebuild \(name) from 8 events"))
            let rebuilt = try tally("projection", "rebuild", name, "-o", "json")
            #expect(rebuilt.output.contains(#""version":2,"events":8"#), "\(rebuilt.errors)")
            #expect(try tally("projection", "check", name, "acme").status == 0)
        }
        let attacker = try TestLedger.current.attacker()
        try attacker.execute("UPDATE tally.document SET digest = sha256('')")
        let wrong = try tally("projection", "check", "documents")
        #expect(wrong.status == 9)
        #expect(wrong.output.contains("BROKEN") && wrong.output.contains("crm/contact/1"))
        try attacker.execute("DELETE FROM tally.event_tag WHERE position = 3")
        let trail = try tally("projection", "check", "trail", "acme")
        #expect(trail.status == 9)
        #expect(trail.output.contains("event 3"))
        for name in ["documents", "trail"] {
            #expect(try tally("projection", "rebuild", name).status == 0)
            #expect(try tally("projection", "check", name).status == 0)
        }
        #expect(try tally("projection", "check", "nothing").status == 5)
        #expect(try tally("projection", "retry", "documents", "acme").status == 5)
        #expect(
            try tally("projection", "skip", "trail", "acme", "--reason", "OPS-1").status == 5
        )
        let listed = try tally("projection", "list").output
        #expect(listed.contains("documents\t3\t2\t8\t0\t0"))
    }
}
