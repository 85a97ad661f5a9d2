// status, doctor, and the checks of many tenants: a line each, a total, and 9 where something has
// stopped.

import Foundation
import TallyCore
import TallyPostgres
import TallyTesting
import Testing

@Suite(.database)
struct StatusTests {
    private func tally(_ words: String...) throws -> TallyProcess { try TallyProcess.run(words) }

    private func fill() throws {
        for name in ["acme", "beta"] {
            #expect(try tally("tenant", "create", name).status == 0)
            #expect(try tally("append", name, "a/1", "t", "--data", #"{"a":1}"#).status == 0)
        }
    }

    @Test func aStoppedProjectionEndsWith9AndIsNamed() throws {
        try fill()
        let sound = try tally("status", "-o", "jsonl")
        #expect(sound.status == 0 && sound.errors.isEmpty, "\(sound.errors)")
        #expect(try sound.lines().first?["stopped"]?.uint64Value == 0)
        let attacker = try TestLedger.current.attacker()
        try attacker.execute(
            "UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 1)"
                + " WHERE position = 1 AND stream IS NOT NULL AND slot = 1"
        )
        _ = try tally("projection", "check", "documents")
        let status = try tally("status", "-o", "jsonl")
        #expect(status.status == 9, "\(status.errors)")
        #expect(try status.lines().first?["stopped"]?.uint64Value == 1)
        #expect(status.errors.contains("stopped: documents of acme by event 1"))
        #expect(status.errors.contains("tally projection retry documents acme"))
        let rows = try tally("status", "--tenants", "-o", "jsonl")
        #expect(rows.status == 9)
        #expect(try rows.lines().map { $0["stopped"]?.uint64Value } == [0, 1, 0])
        let doctor = try tally("doctor", "-o", "jsonl")
        let finding = try doctor.lines().first { $0["topic"] == "projections" }
        #expect(doctor.status == 9 && finding?["state"] == "failing")
    }

    @Test func statusShowsTheOldestTransaction() throws {
        try fill()
        let attacker = try TestLedger.current.attacker()
        try attacker.execute("BEGIN")
        _ = try attacker.query("SELECT count(*) FROM tally.event")
        let status = try tally("status", "-o", "jsonl").lines().first
        #expect(status?["oldest_transaction"]?.stringValue?.hasPrefix("pid ") == true)
        #expect(status?["oldest_transaction_at"]?.stringValue?.hasPrefix("20") == true)
        try attacker.execute("ROLLBACK")
    }

    @Test func manyTenantsHaveALineEachAndATotal() throws {
        try fill()
        let words = ["verify", "--allow-missing", "checkpoints,witnesses"]
        let verified = try TallyProcess.run(words)
        #expect(verified.status == 0)
        let lines = verified.output.split(separator: "\n")
        #expect(lines.count == 4, "\(verified.output)")
        #expect(lines.last == "3/3 tenants consistent, 6 events")
        let one = try TallyProcess.run(words + ["acme"])
        #expect(one.output.contains("  hashes") && !one.output.contains("tenants consistent"))
        let missing = try tally("verify")
        #expect(missing.status == 8)
        #expect(missing.errors.components(separatedBy: "incomplete: witnesses").count == 2)
        let checked = try tally("projection", "check", "documents")
        #expect(checked.status == 0 && checked.errors.contains("3/3 ok"))
    }
}
