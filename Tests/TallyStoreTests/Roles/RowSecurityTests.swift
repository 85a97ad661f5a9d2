// Forced row security: readers see the one tenant they name, the tables' owner sees nothing, and
// without a tenant named nobody reads by accident.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct RowSecurityTests {
    private static let log = ["event", "key_fence"]
    private static let others = [
        "cursor", "dead_letter", "document", "snapshot", "event_tag", "dictionary", "fenced_key",
        "projection_erasure",
    ]

    @Test func rowSecurityIsEnabledAndForcedOnEveryTableWithATenantsRows() async throws {
        let forced = try Database.superuser().texts(
            """
            SELECT relname::text FROM pg_class WHERE relnamespace = 'tally'::regnamespace
            AND relrowsecurity AND relforcerowsecurity ORDER BY 1
            """
        )
        #expect(forced == (Self.log + Self.others).sorted())
    }

    @Test func aReaderWithoutATenantSeesNoEventAndNoFence() async throws {
        let slots = try await twoTenants()
        let reader = try TestLedger.current.connection(role: "tally_reader")
        #expect(try Self.seen(reader, "event").isEmpty)
        #expect(try Self.seen(reader, "key_fence").isEmpty)
        try reader.execute("SET tally.slot = ''")
        #expect(try Self.seen(reader, "event").isEmpty)
        try reader.execute("SET tally.slot = '7'")
        #expect(try Self.seen(reader, "event").isEmpty)
        try reader.execute("SET tally.slot = '\(slots[0])'")
        try reader.execute("RESET tally.slot")
        #expect(try Self.seen(reader, "event").isEmpty)
    }

    @Test func aReaderSeesOnlyTheTenantThatItsTransactionNames() async throws {
        let slots = try await twoTenants()
        let reader = try TestLedger.current.connection(role: "tally_reader")
        for slot in slots {
            try reader.transaction {
                try reader.execute("SET LOCAL tally.slot = '\(slot)'")
                #expect(try Self.seen(reader, "event") == [slot])
                #expect(try Self.seen(reader, "key_fence") == [slot])
            }
            #expect(try Self.seen(reader, "event").isEmpty, "the setting outlived its transaction")
        }
    }

    @Test func aTenantInTheSettingMustBeANumber() async throws {
        _ = try await twoTenants()
        let reader = try TestLedger.current.connection(role: "tally_reader")
        try reader.execute("SET tally.slot = '1 OR true --'")
        #expect(reader.refusal("SELECT FROM tally.event")?.sqlState == "22P02")
    }

    @Test func anAuditorAndAWriterSeeEveryTenant() async throws {
        let slots = try await twoTenants()
        for role in ["tally_auditor", "tally_writer"] {
            let connection = try TestLedger.current.connection(role: role)
            for table in Self.log {
                #expect(
                    try Self.seen(connection, table).isSuperset(of: slots),
                    "\(role) \(table)"
                )
            }
        }
    }

    @Test func theOwnerOfTheTablesSeesAndChangesNothing() async throws {
        let slots = try await twoTenants()
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        let owner = try TestLedger.current.connection(role: "tally_owner")
        try owner.execute("SET tally.slot = '\(slots[0])'")
        for table in Self.log {
            #expect(try Self.seen(owner, table).isEmpty)
            try owner.execute("DELETE FROM tally.\(table)")
            try owner.execute("UPDATE tally.\(table) SET slot = slot + 7")
        }
        let insert = owner.refusal(
            "INSERT INTO tally.event (slot, position, event_id, leaf, body) "
                + "VALUES (\(slots[0]), 99, gen_random_uuid(), '', '')"
        )
        #expect(insert?.message.contains("row-level security") == true)
        #expect(try superuser.contents() == before)
    }

    /// Two tenants with an event and a fence each; gives their slots.
    private func twoTenants() async throws -> [String] {
        try await TestLedger.current.open { ledger in
            for name in ["acme", "globex"] {
                let tenant = try await ledger.createTenant(named: name)
                _ = try await tenant.append(.note("s", type: "t"))
            }
            try Database.superuser().execute(
                """
                INSERT INTO tally.key_fence
                    (slot, subject_tag, retention_class, erasure_id, position, fenced_at)
                SELECT slot, decode(repeat('01', 16), 'hex'), '', tenant_id, 1, 1
                FROM tally.tenant WHERE slot > 0
                """
            )
            return ["1", "2"]
        }
    }

    private static func seen(_ connection: Connection, _ table: String) throws -> Set<String> {
        Set(try connection.texts("SELECT DISTINCT slot::text FROM tally.\(table)"))
    }
}
