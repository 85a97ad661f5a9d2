// Events never change: with all privileges, and as long as nobody turns the triggers off, even a
// superuser's UPDATE, DELETE and TRUNCATE are refused.

import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct GuardTests {
    private static let changes = [
        "UPDATE tally.event SET body = ''",
        "UPDATE tally.event SET slot = slot",
        "UPDATE tally.event SET version = 7 WHERE position = 0",
        "DELETE FROM tally.event",
        "DELETE FROM tally.event WHERE position = 0",
        "TRUNCATE tally.event",
        "TRUNCATE tally.event, tally.head CASCADE",
        "TRUNCATE tally.head", "TRUNCATE tally.key_fence",
        "TRUNCATE tally.tenant", "TRUNCATE tally.ledger",
        """
        INSERT INTO tally.event SELECT * FROM tally.event LIMIT 1
        ON CONFLICT (slot, position) DO UPDATE SET body = ''
        """,
        "MERGE INTO tally.event e USING tally.ledger l ON true WHEN MATCHED THEN DELETE",
    ]

    @Test func aSuperuserCannotChangeAnEvent() async throws {
        _ = try await Database.tenant("acme")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        for change in Self.changes {
            #expect(superuser.refusal(change)?.sqlState == "TL007", "\(change)")
        }
        #expect(try superuser.contents() == before)
    }

    @Test func theAttackersConnectionOfOtherTestsHasItsTriggersOff() async throws {
        _ = try await Database.tenant("acme")
        let attacker = try TestLedger.current.attacker()
        let count = try attacker.number("SELECT count(*) FROM tally.event")
        try attacker.execute("DELETE FROM tally.event WHERE position = 0")
        #expect(try attacker.number("SELECT count(*) FROM tally.event") < count)
    }
}
