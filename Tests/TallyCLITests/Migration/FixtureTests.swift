// A ledger of each earlier build: it is migrated by one command, and then answers, verifies,
// restores and erases as before.

import Foundation
import TallyCore
import TallyTesting
import Testing

@Suite(.database, .serialized)
struct FixtureTests {
    private static let names = ["ledger-a715c26"]

    /// The fixture's tenants; a file of documents and one of events is there for each.
    private static let tenants = ["acme", "acme-copy", "globex", "frozen"]

    private let fixture: Fixture

    init() throws { fixture = try Fixture(Self.names[0]) }

    /// Runs commands in the fixture's folder.
    private func shell(_ script: String) throws -> TallyProcess {
        try TallyProcess.shell("cd \(fixture.directory)\n\(script)", on: fixture.configuration)
    }

    private func tally(_ command: String) throws -> TallyProcess { try shell("$TALLY \(command)") }

    private func migrate() throws {
        let run = try tally("schema migrate")
        try #require(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("keys: 0003-checked\n"))
        #expect(run.errors.contains("next: tally key adopt LEDGER"))
    }

    /// Lines of JSON.
    ///
    /// The first build wrote the version in a revert as bytes, which are null here, and data with
    /// the line breaks that it came with.
    private func lines(_ file: String) throws -> [JSONObject] {
        let text = try String(contentsOfFile: "\(fixture.directory)/\(file)", encoding: .utf8)
            .replacing("}\n{\"position\"", with: "}\u{1}{\"position\"")
        let separator: Character = file.hasPrefix("events") ? "\u{1}" : "\n"
        return try text.split(separator: separator).compactMap {
            let line = $0.replacing(/"data":[\u{0}-\u{1f}][^,]*,/, with: "\"data\":null,")
            return try JSONReader.parse(Array(line.utf8)).objectValue
        }
    }

    @Test func beforeItIsMigratedItIsLeftAloneAndTheStepsAreListed() throws {
        for command in ["status", "init", "append acme s t --data 1", "schema check"] {
            let run = try tally(command)
            #expect(run.status == 1, "\(command)")
            #expect(run.errors.contains("next: run tally schema migrate"), "\(run.errors)")
        }
        let steps = try tally("schema migrate --dry-run -o jsonl")
        #expect(steps.status == 0)
        #expect(
            try steps.lines().map { $0["would do"]?.stringValue } == [
                "0002-bounds", "0003-event-ids", "0004-checked", "0005-collation",
                "0006-owners", "functions, edition 3",
                "0002-bounds", "0003-checked", "0004-collation", "functions, edition 3",
            ]
        )
        #expect(try tally("status").status == 1, "a dry run changes nothing")
    }

    @Test func aMigrationThatIsKilledAtEachOfItsStepsGoesOn() throws {
        let steps = try tally("schema migrate --dry-run -o jsonl").lines()
            .compactMap { $0["would do"]?.stringValue }
        for step in steps {
            // A step is told before it is taken.
            let run = try shell(
                """
                mkfifo told && $TALLY schema migrate 2>told & pid=$!
                while [ ! -p told ]; do :; done
                while read -r line; do
                    case "$line" in *"\(step)") kill -9 $pid; break ;; esac
                done <told
                rm told
                wait $pid
                """
            )
            #expect(run.status == 128 + SIGKILL, "\(step): \(run.status) \(run.errors)")
        }
        #expect(try tally("schema migrate").status == 0)
        #expect(try tally("schema check").status == 0)
        let verified = try tally("verify --open --allow-missing checkpoints,witnesses")
        #expect(verified.status == 0, "\(verified.output)")
    }

    @Test func itAnswersAndVerifiesAsBefore() throws {
        try migrate()
        #expect(try tally("schema check").status == 0)
        for tenant in Self.tenants {
            let documents = try tally("document list \(tenant) --limit 1000 -o jsonl").lines()
            #expect(documents == (try lines("documents-\(tenant).jsonl")), "\(tenant)")
            let events = try tally("event list \(tenant) --limit 1000 -o jsonl").lines()
            let before = try lines("events-\(tenant).jsonl")
            try #require(events.count == before.count, "\(tenant)")
            for (event, old) in zip(events, before) {
                for member in old.members where event["operation"] != "revert" {
                    #expect(event[member.key] == member.value)
                }
            }
        }
        let revert = try tally("event show acme 129 -o jsonl").lines()[0]
        #expect(revert["data"] == .null && revert["reverted_version"] == 4)
        let verdicts = try tally("verify --open -o jsonl").lines()
        for old in try lines("verify.jsonl") {
            let verdict = verdicts.first { $0["tenant"] == old["tenant"] }
            for member in ["verdict", "evidence", "events"] {
                #expect(verdict?[ByteText(member)] == old[ByteText(member)])
            }
        }
        #expect(try tally("erasure verify certificate.json").status == 0)
        for projection in ["documents", "trail", "contacts"] {
            #expect(try tally("projection check \(projection)").status == 0, "\(projection)")
        }
    }

    @Test func requestsThatWereStoredAreStillKnown() throws {
        try migrate()
        for flag in ["", "--keep-going", "--dry-run"] {
            let run = try shell("$TALLY append acme \(flag) -o jsonl <acme.ndjson")
            #expect(run.status == 0, "\(run.errors)")
            guard flag != "--dry-run" else { continue }
            let receipts = try run.lines()
            let events = try lines("events-acme.jsonl").filter { $0["stream"]?.stringValue != nil }
            for (receipt, event) in zip(receipts, events) {
                #expect(receipt["position"] == event["position"])
                #expect(receipt["recorded_at"] == event["recorded_at"])
            }
        }
        let other = #"{"stream":"crm/contact/1","type":"t","request":"r1","data":{"n":1}}"#
        #expect(try shell("printf '%s\\n' '\(other)' | $TALLY append acme").status == 6)
        #expect(try tally("tenant show acme -o jsonl").lines()[0]["events"] == 150)
    }

    @Test func decisionsGoOn() throws {
        try migrate()
        #expect(try tally("append globex crm/contact/9 t --data '{\"stage\":\"new\"}'").status == 0)
        #expect(try tally("append frozen s t --data 1").status == 10)
        #expect(try tally("tenant create after").status == 0)
        let script = """
            set -e
            id=$($TALLY restore plan acme --at 100 --operator-key alice.pem -o id || true)
            $TALLY restore approve $id --operator-key bob.pem
            $TALLY restore apply $id --yes
            id=$($TALLY erasure request acme person:4 --ground art17-1-b --operator-key alice.pem \
            -o id || true)
            $TALLY erasure approve $id --operator-key bob.pem
            $TALLY erasure run $id --yes
            $TALLY key adopt localhost/rounds/1 --yes
            $TALLY key rotate
            """
        let run = try shell(script)
        #expect(run.status == 0, "\(run.errors)")
        let held = """
            id=$($TALLY erasure request acme person:5 --ground art17-1-b \\
            --operator-key alice.pem -o id)
            $TALLY erasure approve $id --operator-key bob.pem
            exec $TALLY erasure run $id --yes
            """
        #expect(try shell(held).status == 10, "a hold forbids it")
        for tenant in ["acme", "acme-copy"] {
            let people = try tally("document list \(tenant) --limit 1000 -o jsonl").output
            #expect(!people.contains("\"person:3\"") && !people.contains("\"person:4\""))
            #expect(people.contains("\"person:5\""))
        }
        let verified = try tally("verify --open --allow-missing checkpoints,witnesses")
        #expect(verified.status == 0, "\(verified.output)")
    }
}
