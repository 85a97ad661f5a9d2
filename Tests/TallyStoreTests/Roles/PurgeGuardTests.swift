// Ciphertext leaves the log in one way only: under keys that this very erasure has fenced and whose
// destruction is recorded. Whoever tries another way is refused.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite struct PurgeGuardTests {
    private static func ledger(_ body: (RawErasures) async throws -> Void) async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            try await body(try await RawErasures("acme"))
        }
    }

    @Test func partsAreListedAndPurgedInTheirStateOnly() async throws {
        try await Self.ledger { acme in
            let id = try acme.open(subject: .random())
            func refused(_ statement: String) -> Bool {
                acme.executors.refusal(statement)?.sqlState == "TL004"
            }
            let (list, purge) = (RawErasures.list(id), RawErasures.purge(id))
            #expect(refused(list) && refused(purge), "approved")
            try acme.fence(id, [acme.keys[0]])
            #expect(try acme.executors.number(list) == 1, "fenced")
            #expect(refused(purge), "fenced")
            try acme.destroy(id)
            #expect(refused(list), "keysDestroyed")
            #expect(try acme.executors.number(purge) == 1)
            #expect(try acme.executors.number(purge) == 0, "nothing is left")
            _ = try acme.executors.query("SELECT tally.note_purged(1, '\(id)')")
            #expect(refused(list) && refused(purge), "purged")
            let unknown = DecisionID.random().hex
            #expect(refused(RawErasures.list(unknown)) && refused(RawErasures.purge(unknown)))
        }
    }

    @Test func anErasureNeverEmptiesWhatOnlyAnotherOneHasFenced() async throws {
        try await Self.ledger { acme in
            let mine = try acme.open(subject: .random())
            let others = try acme.open(subject: .random())
            try acme.fence(mine, [acme.keys[0], acme.keys[3]])
            try acme.fence(others, [acme.keys[1], acme.keys[4]])
            try acme.destroy(mine)
            let before = try acme.lengths()
            #expect(try acme.executors.number(RawErasures.purge(mine)) == 2)
            let genesis = before[0]
            #expect(try acme.lengths() == [genesis, [0], [93], [93], [0, 93]])
            #expect(acme.executors.refusal(RawErasures.purge(others))?.sqlState == "TL004")
            try acme.destroy(others)
            #expect(try acme.executors.number(RawErasures.purge(others)) == 2)
            #expect(try acme.lengths() == [genesis, [0], [0], [93], [0, 0]])
        }
    }

    @Test func anErasureWithoutAnyKeyEmptiesNothing() async throws {
        try await Self.ledger { acme in
            let before = try acme.lengths()
            for tag in [BlindTag.random(), try #require(.whole)] {
                let id = try acme.open(subject: tag)
                try acme.fence(id, [])
                try acme.destroy(id)
                #expect(try acme.executors.number(RawErasures.purge(id)) == 0)
            }
            #expect(try acme.lengths() == before)
            let excuses = try Database.superuser().number(
                "SELECT count(*) FROM tally.event WHERE get_byte(leaf, 2) IN (2, 7)"
            )
            #expect(excuses == 0)
        }
    }

    @Test func aWholeTenantsErasureEmptiesEverySealedPartAndNoClearOne() async throws {
        try await Self.ledger { acme in
            let genesis = try acme.lengths()[0]
            let id = try acme.open(subject: try #require(.whole))
            try acme.fence(id, [acme.keys[0]])
            try acme.destroy(id)
            #expect(try acme.executors.number(RawErasures.purge(id)) == 5)
            #expect(try acme.lengths() == [genesis, [0], [0], [0], [0, 0]])
        }
    }

    /// A change that only the purge function may make, and what is wrong with it.
    private static let changes = [
        ("other bytes", "body = set_byte(body, 70, 255 - get_byte(body, 70))", 1),
        ("other bytes behind the key", "body = set_byte(body, 5, 255 - get_byte(body, 5))", 1),
        ("an unfenced part emptied", #"body = '\x00000000'"#, 3),
        (
            "a part emptied that another key of its event is fenced for",
            "body = substr(body, 1, 85) || '\\x00000000'", 4
        ),
        ("both parts emptied", #"body = '\x0000000000000000'"#, 4),
        ("a clear part emptied", #"body = '\x00000000'"#, 0),
        ("no part left", "body = ''", 1),
        ("a part too many", #"body = '\x0000000000000000'"#, 1),
        ("a torn body", "body = substr(body, 1, 40)", 1),
        ("something behind it", #"body = '\x0000000000'"#, 1),
        ("another leaf", #"body = '\x00000000', leaf = set_byte(leaf, 60, 7)"#, 1),
        ("another stream", #"body = '\x00000000', stream = gen_random_uuid()"#, 1),
        ("another version", #"body = '\x00000000', version = version + 1"#, 1),
        ("another position", #"body = '\x00000000', position = 77"#, 1),
        ("another id", #"body = '\x00000000', event_id = gen_random_uuid()"#, 1),
    ]

    @Test func whatIsNoPurgeIsRefusedByTheTrigger() async throws {
        try await Self.ledger { acme in
            let id = try acme.open(subject: .random())
            try acme.fence(id, [acme.keys[0], acme.keys[3]])
            let superuser = try Database.superuser()
            let before = try superuser.contents()
            for (name, change, position) in Self.changes {
                let refusal = try Self.attempt(change, at: position, superuser)
                #expect(refusal?.sqlState == "TL007", "\(name)")
            }
            #expect(try superuser.contents() == before)
            // The same hand may do what a purge does, so it was the changes that were refused.
            let purge = #"body = '\x00000000'"#
            #expect(try Self.attempt(purge, at: 1, superuser) == nil)
            let half = "body = '\\x00000000' || substr(body, 98)"
            #expect(try Self.attempt(half, at: 4, superuser) == nil)
            let asSuperuser = "UPDATE tally.event SET \(purge) WHERE position = 1"
            #expect(superuser.refusal(asSuperuser)?.sqlState == "TL007")
        }
    }

    @Test func thePurgerCanChangeNoColumnButTheBody() async throws {
        try await Self.ledger { _ in
            let purger = try TestLedger.current.connection(role: "tally_purger")
            try purger.execute("SET tally.slot = '1'")
            for column in ["slot", "version", "position", "stream", "event_id", "leaf"] {
                let change = "UPDATE tally.event SET \(column) = \(column)"
                #expect(purger.refusal(change)?.sqlState == "42501", "\(column)")
            }
            let emptied = #"UPDATE tally.event SET body = '\x00000000' WHERE position = 1"#
            #expect(purger.refusal(emptied)?.sqlState == "TL007", "nothing is fenced")
        }
    }

    /// Tries a change as tally_purger with the right to every column, and takes it back.
    private static func attempt(
        _ change: String,
        at position: Int,
        _ superuser: Connection
    ) throws -> PostgresError? {
        try superuser.execute("BEGIN; GRANT SELECT, UPDATE ON tally.event TO tally_purger")
        defer { try? superuser.execute("ROLLBACK") }
        try superuser.execute("SET LOCAL ROLE tally_purger; SET LOCAL tally.slot = '1'")
        return superuser.refusal("UPDATE tally.event SET \(change) WHERE position = \(position)")
    }
}
