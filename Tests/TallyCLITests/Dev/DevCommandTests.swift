// tally dev: what it makes and where, what its child gets, and how both end.

import Foundation
import TallyPostgres
import TallyTesting
import Testing

@Suite(.serialized)
struct DevCommandTests {
    @Test(arguments: [
        (["--help"], 0), (["-h"], 0), (["--fresh", "--help"], 0), (["--frsh"], 64),
        (["--list", "--remove"], 64), (["--yes"], 64), (["--fresh", "--remove"], 64),
        (["sh"], 64), (["--remove"], 5),
    ])
    func whatRunsNothingTouchesNothing(words: [String], code: Int) throws {
        let folder = try DevFolder()
        let ended = try folder.dev(words)
        #expect(Int(ended.status) == code)
        #expect(!folder.has("ledger"))
        if code == 0 { #expect(ended.output.contains("--fresh")) }
    }

    @Test func aCommandThatIsNotThereEndsWith127AndMakesNothing() throws {
        let folder = try DevFolder()
        #expect(try folder.dev([], ["no-such-command"]).status == 127)
        try "no program".write(toFile: "\(folder.path)/text", atomically: true, encoding: .utf8)
        #expect(try folder.dev([], ["\(folder.path)/text"]).status == 126)
        #expect(!folder.has("ledger"))
    }

    @Test func theChildGetsALedgerAndASoundProcessAndWhatItLeavesBehindEnds() throws {
        let folder = try DevFolder()
        let ended = try folder.script(
            """
            trap '' TERM HUP; sleep 300 & echo "left $!"; trap - TERM HUP
            grep SigBlk /proc/self/status; tally status -o id; tally dev --help | head -n 1
            psql "$TALLY_DB" -XqAtc 'SHOW data_directory' || true
            exit 7
            """
        )
        #expect(ended.status == 7, "\(ended.errors)")
        #expect(ended.output.contains("SigBlk:\t0000000000000000"))
        #expect(ended.output.contains("OVERVIEW"))
        #expect(ended.output.contains("\(folder.ledger)/postgres/data"))
        let left = try #require(ended.output.firstMatch(of: /left ([0-9]+)/)?.1)
        let child = try #require(pid_t(left))
        // Where nobody collects the dead it stays a zombie, which a signal still reaches.
        #expect(
            BoundedWait.holds(within: .seconds(10)) { ProcessStatus(of: child)?.isAlive != true }
        )
        #expect(try folder.script("kill -9 $$").status == 137)
        #expect(try folder.script("kill -TERM $PPID; sleep 60").status == 143)
        try "echo \"$1 from a script\"".write(
            toFile: "\(folder.path)/script",
            atomically: true,
            encoding: .utf8
        )
        chmod("\(folder.path)/script", 0o755)
        let words = try folder.dev([], ["\(folder.path)/script", "--help"])
        #expect(words.output == "--help from a script\n")
    }

    @Test func aPartThatIsMissingIsAnErrorAndNotANewLedger() throws {
        let folder = try DevFolder()
        let first = try folder.script("tally status -o id").output
        for part in ["postgres", "kek", "journal"] {
            let (there, away) = ("\(folder.ledger)/\(part)", "\(folder.path)/away")
            try FileManager.default.moveItem(atPath: there, toPath: away)
            let ended = try folder.script("echo never")
            #expect(ended.status == 1)
            #expect(ended.output.isEmpty)
            #expect(ended.errors.contains(there))
            #expect(!folder.has("ledger/\(part)"))
            try FileManager.default.moveItem(atPath: away, toPath: there)
        }
        try FileManager.default.moveItem(atPath: folder.ledger, toPath: "\(folder.path)/moved")
        let moved = try TallyProcess.run(
            ["dev", "--data", "\(folder.path)/moved", "--", "tally", "status", "-o", "id"],
            environment: folder.environment
        )
        #expect(moved.output == first)
        try FileManager.default.moveItem(atPath: "\(folder.path)/moved", toPath: folder.ledger)
        let fresh = try folder.dev(["--fresh"], ["tally", "status", "-o", "id"])
        #expect(fresh.status == 0 && fresh.output != first)
    }

    @Test func onlyWhatWasMadeIsListedAndRemoved() throws {
        let folder = try DevFolder()
        #expect(try folder.script("true").status == 0)
        let list = try TallyProcess.run(["dev", "--list"], environment: folder.environment)
        #expect(list.output.contains("\(folder.ledger)\t\(folder.ledger)/postgres\tstopped\n"))
        #expect(try folder.dev(["--remove"]).status == 64)
        #expect(folder.has("ledger/postgres/data"))
        let link = "\(folder.path)/link"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: folder.ledger
        )
        let linked = try TallyProcess.run(
            ["dev", "--remove", "--yes", "--data", link],
            environment: folder.environment
        )
        #expect(linked.status == 1)
        #expect(folder.has("ledger/postgres/data"))
        try "mine".write(
            toFile: "\(folder.ledger)/kek/note",
            atomically: true,
            encoding: .utf8
        )
        let running = try folder.script("tally dev --remove --yes --data '\(folder.ledger)'")
        #expect(running.status == 1 && running.errors.contains("in use"))
        let removed = try folder.dev(["--remove", "--yes"])
        #expect(removed.status == 0)
        #expect(removed.errors.contains("\(folder.ledger)/kek/note"))
        #expect(!folder.has("ledger/postgres") && !folder.has("ledger/journal"))
        #expect(folder.has("ledger/kek/note"))
    }

    @Test func aFolderWithSomebodyElsesKeysIsLeftAlone() throws {
        let folder = try DevFolder()
        try FileManager.default.createDirectory(
            atPath: "\(folder.ledger)/kek",
            withIntermediateDirectories: true
        )
        for words in [[], ["--fresh"], ["--remove", "--yes"]] {
            let command = words.contains("--remove") ? [] : ["true"]
            let ended = try folder.dev(words, command)
            #expect([1, 5].contains(ended.status))
            #expect(ended.errors.contains(folder.ledger))
        }
        #expect(folder.has("ledger/kek") && !folder.has("ledger/postgres"))
    }
}
