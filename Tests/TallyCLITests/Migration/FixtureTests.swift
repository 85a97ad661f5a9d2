// A ledger of each earlier build: it is migrated by one command, and then answers, verifies,
// restores and erases as before.

import Foundation
import TallyCore
import TallyTesting
import Testing

/// What a fixture of Tests/Fixtures has of its own.
struct EarlierLedger: CustomTestStringConvertible {
    let name: String
    /// The steps to this build's schemas.
    let steps: [String]
    /// A file of documents and one of events is there for each.
    let tenants: [String]
    let events: Int

    var testDescription: String { name }

    static let all = [
        EarlierLedger(
            name: "ledger-a715c26",
            steps: [
                "0002-bounds", "0003-event-ids", "0004-checked", "0005-collation", "0006-owners",
                "0007-slots", "0008-events", "0009-projections", "functions, edition 4",
                "0002-bounds", "0003-checked", "0004-collation", "functions, edition 3",
            ],
            tenants: ["acme", "acme-copy", "globex", "frozen"],
            events: 150
        ),
        EarlierLedger(
            name: "ledger-139994d",
            steps: ["0007-slots", "0008-events", "0009-projections", "functions, edition 4"],
            tenants: ["acme", "acme-copy", "globex", "frozen", "owned"],
            events: 153
        ),
    ]
}

/// An earlier ledger that is loaded for a test.
private struct Loaded {
    let earlier: EarlierLedger
    let fixture: Fixture

    init(_ earlier: EarlierLedger) throws {
        self.earlier = earlier
        fixture = try Fixture(earlier.name)
    }

    /// Runs commands in the fixture's folder.
    func shell(_ script: String) throws -> TallyProcess {
        try TallyProcess.shell("cd \(fixture.directory)\n\(script)", on: fixture.configuration)
    }

    func tally(_ command: String) throws -> TallyProcess { try shell("$TALLY \(command)") }

    func migrate() throws {
        let run = try tally("schema migrate")
        try #require(run.status == 0, "\(run.errors)")
        for step in earlier.steps { #expect(run.errors.contains(": \(step)\n"), "\(step)") }
        #expect(try tally("schema check").status == 0)
    }

    func verify() throws {
        let verified = try tally("verify --open --allow-missing checkpoints,witnesses")
        #expect(verified.status == 0, "\(verified.output)")
    }

    /// Lines of JSON.
    ///
    /// The first build wrote the version in a revert as bytes, which are null here, and data with
    /// the line breaks that it came with.
    func lines(_ file: String) throws -> [JSONObject] {
        let text = try String(contentsOfFile: "\(fixture.directory)/\(file)", encoding: .utf8)
            .replacing("}\n{\"position\"", with: "}\u{1}{\"position\"")
        let separator: Character = file.hasPrefix("events") ? "\u{1}" : "\n"
        return try text.split(separator: separator).compactMap {
            let line = $0.replacing(/"data":[\u{0}-\u{1f}][^,]*,/, with: "\"data\":null,")
            return try JSONReader.parse(Array(line.utf8)).objectValue
        }
    }
}

@Suite(.database, .serialized)
struct FixtureTests {
    @Test(arguments: EarlierLedger.all)
    func beforeItIsMigratedItIsLeftAloneAndTheStepsAreListed(
        _ earlier: EarlierLedger
    ) throws {
        let ledger = try Loaded(earlier)
        for command in ["status", "init", "append acme s t --data 1", "schema check"] {
            let run = try ledger.tally(command)
            #expect(run.status == 1, "\(command)")
            #expect(run.errors.contains("next: run tally schema migrate"), "\(run.errors)")
        }
        let steps = try ledger.tally("schema migrate --dry-run -o jsonl")
        #expect(steps.status == 0)
        #expect(try steps.lines().map { $0["would do"]?.stringValue } == earlier.steps)
        #expect(try ledger.tally("status").status == 1, "a dry run changes nothing")
    }

    @Test(arguments: EarlierLedger.all)
    func aMigrationThatIsKilledAtEachOfItsStepsGoesOn(
        _ earlier: EarlierLedger
    ) throws {
        let ledger = try Loaded(earlier)
        for step in earlier.steps {
            // A step is told before it is taken.
            let run = try ledger.shell(
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
        #expect(try ledger.tally("schema migrate").status == 0)
        #expect(try ledger.tally("schema check").status == 0)
        try ledger.verify()
    }

    @Test(arguments: EarlierLedger.all)
    func itAnswersAndVerifiesAsBefore(_ earlier: EarlierLedger) throws {
        let ledger = try Loaded(earlier)
        try ledger.migrate()
        for tenant in earlier.tenants {
            let documents = try ledger.tally("document list \(tenant) --limit 1000 -o jsonl")
            #expect(
                try documents.lines() == ledger.lines("documents-\(tenant).jsonl"),
                "\(tenant)"
            )
            let events = try ledger.tally("event list \(tenant) --limit 1000 -o jsonl").lines()
            let before = try ledger.lines("events-\(tenant).jsonl")
            try #require(events.count == before.count, "\(tenant)")
            for (event, old) in zip(events, before) {
                for member in old.members where event["operation"] != "revert" {
                    #expect(event[member.key] == member.value)
                }
            }
        }
        let revert = try ledger.tally("event show acme 129 -o jsonl").lines()[0]
        #expect(revert["data"] == .null && revert["reverted_version"] == 4)
        let verdicts = try ledger.tally("verify --open -o jsonl").lines()
        for old in try ledger.lines("verify.jsonl") {
            let verdict = verdicts.first { $0["tenant"] == old["tenant"] }
            for member in ["verdict", "evidence", "events"] {
                #expect(verdict?[ByteText(member)] == old[ByteText(member)])
            }
        }
        #expect(try ledger.tally("erasure verify certificate.json").status == 0)
        for projection in ["documents", "trail", "contacts"] {
            let check = try ledger.tally("projection check \(projection)")
            #expect(check.status == 0, "\(projection): \(check.errors)")
        }
    }

    /// Their ids were in rows that are gone: what is sent again is another request, which the
    /// versions that it expects refuse.
    @Test(arguments: EarlierLedger.all)
    func requestsOfEarlierBuildsAreNotKnownAnyMoreAndThoseOfThisOneAre(
        _ earlier: EarlierLedger
    ) throws {
        let ledger = try Loaded(earlier)
        try ledger.migrate()
        let event = #"{"stream":"crm/contact/1","type":"t","request":"r1","data":{"n":1}}"#
        var receipts: [JSONObject] = []
        for _ in 0..<2 {
            let run = try ledger.shell("printf '%s\\n' '\(event)' | $TALLY append acme -o jsonl")
            #expect(run.status == 0, "\(run.errors)")
            receipts += try run.lines()
        }
        #expect(receipts.count == 2 && receipts[0] == receipts[1])
        #expect(receipts[0]["position"] == .number(JSONNumber(UInt64(earlier.events))))
        let other = #"{"stream":"crm/contact/1","type":"t","request":"r1","data":{"n":2}}"#
        #expect(try ledger.shell("printf '%s\\n' '\(other)' | $TALLY append acme").status == 6)
        let acme = try ledger.tally("tenant show acme -o jsonl").lines()[0]
        #expect(acme["events"] == .number(JSONNumber(UInt64(earlier.events + 1))))
    }

    @Test(arguments: EarlierLedger.all)
    func decisionsGoOn(_ earlier: EarlierLedger) throws {
        let ledger = try Loaded(earlier)
        try ledger.migrate()
        let append = "append globex crm/contact/9 t --data '{\"stage\":\"new\"}'"
        #expect(try ledger.tally(append).status == 0)
        #expect(try ledger.tally("append frozen s t --data 1").status == 10)
        #expect(try ledger.tally("tenant create after").status == 0)
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
        let run = try ledger.shell(script)
        #expect(run.status == 0, "\(run.errors)")
        let held = """
            id=$($TALLY erasure request acme person:5 --ground art17-1-b \\
            --operator-key alice.pem -o id)
            $TALLY erasure approve $id --operator-key bob.pem
            exec $TALLY erasure run $id --yes
            """
        #expect(try ledger.shell(held).status == 10, "a hold forbids it")
        for tenant in ["acme", "acme-copy"] {
            let people = try ledger.tally("document list \(tenant) --limit 1000 -o jsonl").output
            #expect(!people.contains("\"person:3\"") && !people.contains("\"person:4\""))
            #expect(people.contains("\"person:5\""))
        }
        try ledger.verify()
    }

    @Test func whatWasAskedBeforeIsDecidedAfterwards() throws {
        let ledger = try Loaded(EarlierLedger.all[1])
        try ledger.migrate()
        let run = try ledger.shell(
            """
            set -e
            $TALLY key adopt localhost/rounds/1 --yes
            $TALLY erasure approve 8ff21874eb314958b2ae9e06977883c8 --operator-key alice.pem
            $TALLY erasure run 8ff21874eb314958b2ae9e06977883c8 --yes
            $TALLY restore approve d93fc28e66364a5e86a2c3b6c15a457b --operator-key bob.pem
            $TALLY restore apply d93fc28e66364a5e86a2c3b6c15a457b --yes
            id=$($TALLY erasure request owned person:1 --ground art17-1-b --owner-key owner.pem \
            -o id)
            $TALLY erasure run $id --yes
            $TALLY key rotate
            """
        )
        #expect(run.status == 0, "\(run.errors)")
        try ledger.verify()
    }
}
