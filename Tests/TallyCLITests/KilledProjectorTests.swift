// A process that is killed in the middle of its work, again and again: what it had applied stays
// applied, and nothing is applied twice.

import Foundation
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct KilledProjectorTests {
    private static let events = 12_000

    @Test func projectorsThatAreKilledInMidBatchApplyEverythingOnce() throws {
        #expect(try TallyProcess.run(["tenant", "create", "acme"]).status == 0)
        let lines = (0..<Self.events).map { number in
            #"{"stream":"s/\#(number % 97)","type":"t\#(number % 5)","operation":"patch","#
                + #""data":{"n\#(number % 13)":\#(number)},"actor":"user:\#(number % 3)"}"#
        }
        let appended = try TallyProcess.run(
            ["append", "acme"],
            input: lines.joined(separator: "\n")
        )
        #expect(appended.status == 0, "\(appended.errors)")
        let database = try Connection(
            ConnectionConfiguration(uri: TestLedger.current.configuration.database)
        )
        for name in ["documents", "trail"] { try Self.kill(name, database, times: 4) }
        for name in ["documents", "trail"] {
            let checked = try TallyProcess.run(["projection", "check", name, "acme", "-o", "json"])
            #expect(checked.status == 0, "\(checked.output)")
            #expect(checked.output.contains(#""state":"ok","events":\#(Self.events + 1)"#))
        }
    }

    /// Starts a process that catches up, and kills it once it has got further.
    private static func kill(_ name: String, _ database: Connection, times: Int) throws {
        for _ in 0..<times {
            let start = try position(name, database)
            let process = try TallyProcess.start(["projection", "check", name, "acme"])
            while process.isRunning, try position(name, database) <= start {}
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    private static func position(_ name: String, _ database: Connection) throws -> Int64 {
        try database.query(
            "SELECT coalesce(max(position), 0) FROM tally.cursor WHERE projection = $1",
            [.text(name)]
        ).integer(0, 0)
    }
}
