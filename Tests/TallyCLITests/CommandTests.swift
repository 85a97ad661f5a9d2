// The command line against a real ledger: data on stdout, talk on stderr, and the exit codes that
// scripts rely on.

import TallyCore
import TallyPostgres
import TallyTesting
import Testing

@Suite(.database)
struct CommandTests {
    private let missing = ["--allow-missing", "checkpoints,witnesses"]

    private func tally(_ words: String..., input: String = "") throws -> TallyProcess {
        try TallyProcess.run(words, input: input)
    }

    @Test func anEventIsAppendedListedAndVerified() throws {
        #expect(try tally("tenant", "create", "acme").status == 0)
        let appended = try tally(
            "append",
            "acme",
            "crm/contact/42",
            "contact.created",
            "--data",
            #"{"n":1e400}"#,
            "--personal",
            #"person:9={"name":"Ilze"}"#,
            "--expect",
            "none",
            "-o",
            "json"
        )
        #expect(appended.status == 0)
        let receipt = try #require(
            try JSONReader.parse(Array(appended.output.utf8.dropLast()))
                .objectValue
        )
        #expect(receipt["position"] == 1)
        let listed = try tally("event", "list", "acme", "--stream", "crm/contact/42", "-o", "jsonl")
        #expect(
            listed.output.contains(#""data":{"n":1e400},"personal":{"person:9":{"name":"Ilze"}}"#)
        )
        let verified = try TallyProcess.run(["verify", "acme", "--open"] + missing)
        #expect(verified.status == 0)
        #expect(verified.output.contains("not run (allowed): checkpoints, witnesses"))
    }

    @Test func verifyEndsWith8WhereACheckCouldNotRun() throws {
        _ = try tally("tenant", "create", "acme")
        let verified = try tally("verify", "acme")
        #expect(verified.status == 8)
        #expect(verified.errors.contains("--allow-missing witnesses"))
    }

    @Test func verifyEndsWith3AndNamesTheEvent() throws {
        _ = try tally("tenant", "create", "acme")
        _ = try tally("append", "acme", "a/1", "made", "--data", "1")
        let attacker = try TestLedger.current.attacker()
        try attacker.execute(
            "UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 1)"
                + " WHERE position = 1 AND stream IS NOT NULL"
        )
        let verified = try TallyProcess.run(["verify", "acme"] + missing)
        #expect(verified.status == 3)
        #expect(verified.errors.contains("altered body: event 1"))
    }

    @Test func linesAreAppendedOnceHoweverOftenTheyAreSent() throws {
        _ = try tally("tenant", "create", "acme")
        let lines = (1...1200).map {
            #"{"stream":"s/\#($0 % 7)","type":"t","data":{"n":\#($0)},"request":"r\#($0)"}"#
        }.joined(separator: "\n")
        #expect(try tally("append", "acme", input: lines).errors.contains("1200/1200 ok"))
        #expect(try tally("append", "acme", input: lines).errors.contains("1200/1200 ok"))
        let shown = try tally("tenant", "show", "acme", "-o", "json")
        #expect(shown.output.contains(#""events":1201,"#))
    }

    @Test func aBadLineIsNamedAndThoseBeforeItStay() throws {
        _ = try tally("tenant", "create", "acme")
        let lines = #"{"stream":"a","type":"t","data":1}"# + "\n" + #"{"stream":"a","tipe":"t"}"#
        let ended = try tally("append", "acme", input: lines)
        #expect(ended.status == 1)
        #expect(ended.errors.contains("line 2"))
        #expect(ended.errors.contains("1 event is stored, all lines before it"))
    }

    /// A bad input and the exit code that it ends with.
    struct BadInput: Sendable {
        let words: [String]
        let code: Int32

        init(_ code: Int32, _ words: String...) {
            self.words = words
            self.code = code
        }
    }

    private static let badInputs: [BadInput] = [
        BadInput(1, "append", "acme", "a/1", "t", "--data", "{"),
        BadInput(1, "append", "acme", "a/1", "t", "--data", #"{"a":1,"a":2}"#),
        BadInput(6, "append", "acme", "a/1", "t", "--data", "1", "--expect", "7"),
        BadInput(5, "append", "nobody", "a/1", "t", "--data", "1"),
        BadInput(64, "append", "acme", "a/1", "t", "--operation", "revert"),
        BadInput(64, "append", "acme", "a/1"),
        BadInput(64, "append", "acme", "a/1", "t", "--expect", "0"),
        BadInput(1, "append", "acme", String(repeating: "s", count: 1025), "t", "--data", "1"),
        BadInput(1, "tenant", "create", "acme"),
        BadInput(1, "tenant", "create", "two words"),
        BadInput(1, "tenant", "create", "x", "--region", "EU West"),
        BadInput(5, "event", "show", "acme", "99"),
        BadInput(64, "event", "list", "acme", "--limit", "0"),
        BadInput(64, "verify", "acme", "--jobs", "0"),
        BadInput(64, "verify", "acme", "--allow-missing", "bodies,colour"),
        BadInput(64, "restore", "plan", "acme"),
        BadInput(64, "restore", "plan", "acme", "--at", "1", "--events", "1-2"),
        BadInput(64, "restore", "plan", "acme", "--at", "1", "--actor", "a", "--stream", "s"),
        BadInput(64, "restore", "plan", "acme", "--events", "2-1", "--dry-run"),
        BadInput(64, "restore", "plan", "acme", "--events", "1-2-3", "--dry-run"),
        BadInput(64, "restore", "plan", "acme", "--events", "1-", "--dry-run"),
        BadInput(5, "restore", "plan", "acme", "--events", "1-99", "--dry-run"),
        BadInput(
            64,
            "restore",
            "show",
            String(repeating: "0a", count: 16),
            "--steps",
            "--conflicts"
        ),
        BadInput(5, "restore", "plan", "acme", "--at", "99", "--dry-run"),
        BadInput(5, "restore", "plan", "nobody", "--at", "0", "--dry-run"),
        BadInput(1, "restore", "plan", "acme", "--at", "2099-01-01", "--dry-run"),
        BadInput(5, "restore", "show", String(repeating: "0a", count: 16)),
        BadInput(5, "restore", "apply", String(repeating: "0a", count: 16), "--yes"),
        BadInput(5, "restore", "abort", String(repeating: "0a", count: 16), "--yes"),
        BadInput(5, "restore", "undo", String(repeating: "0a", count: 16)),
        BadInput(
            75,
            "status",
            "--db",
            "postgresql:///nobody?host=/nowhere",
            "--connect-patience",
            "0"
        ),
        BadInput(1, "status", "--connect-patience", "soon"),
        BadInput(1, "status", "--db", "postgresql:///x?hots=y"),
        BadInput(5, "tail", "_ledger", "--after", "99"),
        BadInput(64, "tail", "_ledger", "--after", "1:ab"),
        BadInput(3, "tail", "_ledger", "--after", "1:" + String(repeating: "0a", count: 32)),
    ]

    @Test(arguments: badInputs)
    func aBadInputEndsWithItsCode(input: BadInput) throws {
        _ = try tally("tenant", "create", "acme")
        let ended = try TallyProcess.run(input.words)
        #expect(ended.status == input.code)
        #expect(ended.output.isEmpty)
        #expect(!ended.errors.isEmpty)
    }

    @Test func aFrozenTenantRefusesWith10AndThawLiftsIt() throws {
        _ = try tally("tenant", "create", "acme")
        #expect(try tally("tenant", "freeze", "acme").status == 0)
        #expect(try tally("append", "acme", "a/1", "t", "--data", "1").status == 10)
        #expect(try tally("tenant", "thaw", "acme").status == 0)
        #expect(try tally("append", "acme", "a/1", "t", "--data", "1").status == 0)
    }

    @Test func dryRunsChangeNothing() throws {
        _ = try tally("tenant", "create", "acme")
        #expect(try tally("append", "acme", "a", "t", "--data", "1", "--dry-run").status == 0)
        #expect(try tally("tenant", "freeze", "acme", "--dry-run").status == 0)
        #expect(try tally("tenant", "create", "other", "--dry-run").status == 0)
        for name in ["acme", "two words", "cafe\u{301}", "a\u{202e}b", "_ledger"] {
            #expect(try tally("tenant", "create", name, "--dry-run").status == 1)
        }
        #expect(try tally("tenant", "list", "-o", "id").output == "_ledger\nacme\n")
        #expect(try tally("tenant", "show", "acme").output.contains("\tactive\t1\t"))
    }

    @Test func withoutConfigurationTheErrorSaysWhatToSet() throws {
        let ended = try TallyProcess.run(["status"], environment: ["PATH": "/usr/bin:/bin"])
        #expect(ended.status == 1)
        #expect(ended.errors.contains("TALLY_DB"))
    }
}
