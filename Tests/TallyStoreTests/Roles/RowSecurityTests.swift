// Forced row security: readers see the one tenant they name, the tables' owner sees nothing, and
// without a tenant named nobody reads by accident.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct RowSecurityTests {
    private static let log = ["event", "append_request", "key_fence"]
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
        let tenants = try await twoTenants()
        let reader = try TestLedger.current.connection(role: "tally_reader")
        #expect(try Self.seen(reader, "event").isEmpty)
        #expect(try Self.seen(reader, "key_fence").isEmpty)
        try reader.execute("SET tally.tenant = ''")
        #expect(try Self.seen(reader, "event").isEmpty)
        try reader.execute("SET tally.tenant = '\(TenantID.random().hex)'")
        #expect(try Self.seen(reader, "event").isEmpty)
        try reader.execute("SET tally.tenant = '\(tenants[0].hex)'")
        try reader.execute("RESET tally.tenant")
        #expect(try Self.seen(reader, "event").isEmpty)
    }

    @Test func aReaderSeesOnlyTheTenantThatItsTransactionNames() async throws {
        let tenants = try await twoTenants()
        let reader = try TestLedger.current.connection(role: "tally_reader")
        for tenant in tenants {
            try reader.transaction {
                try reader.execute("SET LOCAL tally.tenant = '\(tenant.hex)'")
                #expect(try Self.seen(reader, "event") == [tenant.hex])
                #expect(try Self.seen(reader, "key_fence") == [tenant.hex])
            }
            #expect(try Self.seen(reader, "event").isEmpty, "the setting outlived its transaction")
        }
    }

    @Test func aTenantsNameInTheSettingMustBeAnId() async throws {
        _ = try await twoTenants()
        let reader = try TestLedger.current.connection(role: "tally_reader")
        try reader.execute("SET tally.tenant = 'acme'' OR true --'")
        #expect(reader.refusal("SELECT FROM tally.event")?.sqlState == "22P02")
    }

    @Test func anAuditorAndAWriterSeeEveryTenant() async throws {
        let tenants = try await twoTenants().map(\.hex)
        for role in ["tally_auditor", "tally_writer"] {
            let connection = try TestLedger.current.connection(role: role)
            for table in Self.log {
                #expect(
                    try Self.seen(connection, table).isSuperset(of: tenants),
                    "\(role) \(table)"
                )
            }
        }
    }

    @Test func theOwnerOfTheTablesSeesAndChangesNothing() async throws {
        let tenants = try await twoTenants()
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        let owner = try TestLedger.current.connection(role: "tally_owner")
        try owner.execute("SET tally.tenant = '\(tenants[0].hex)'")
        for table in Self.log {
            #expect(try Self.seen(owner, table).isEmpty)
            try owner.execute("DELETE FROM tally.\(table)")
            try owner.execute("UPDATE tally.\(table) SET tenant_id = gen_random_uuid()")
        }
        let insert = owner.refusal(
            "INSERT INTO tally.event (tenant_id, position, leaf, body) "
                + "VALUES ('\(tenants[0].hex)', 99, '', '')"
        )
        #expect(insert?.message.contains("row-level security") == true)
        #expect(try superuser.contents() == before)
    }

    /// Two tenants with an event, a request and a fence each.
    private func twoTenants() async throws -> [TenantID] {
        try await TestLedger.current.open { ledger in
            var tenants: [TenantID] = []
            for name in ["acme", "globex"] {
                let tenant = try await ledger.createTenant(named: name)
                _ = try await tenant.append(.note("s", type: "t"))
                try Database.superuser().execute(
                    """
                    INSERT INTO tally.key_fence VALUES
                    ('\(tenant.id.hex)', decode(repeat('01', 16), 'hex'), '',
                        '\(tenant.id.hex)', 1, 1)
                    """
                )
                tenants.append(tenant.id)
            }
            return tenants
        }
    }

    private static func seen(_ connection: Connection, _ table: String) throws -> Set<String> {
        Set(
            try connection.texts("SELECT DISTINCT tenant_id::text FROM tally.\(table)")
                .map { $0.filter { $0 != "-" } }
        )
    }
}
