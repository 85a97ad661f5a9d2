// Tables of real columns and who was erased: in the live version, the kept one and one that is being
// built, and in every file that the server writes.

import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

extension TableDefinition {
    /// Contacts with the name of a person, indexed.
    static func named() throws -> TableDefinition {
        try TableDefinition(
            name: "contacts",
            collection: "crm/contact",
            columns: [
                TableColumn("name", from: ColumnPath("$.personal.*.name")),
                TableColumn("people", .jsonb, from: ColumnPath("$.personal")),
                TableColumn("stage", from: ColumnPath("$.data.stage")),
            ],
            indexes: [["name"], ["stage", "name"]]
        )
    }

    /// The same contacts without anything personal.
    static func plain() throws -> TableDefinition {
        try TableDefinition(
            name: "stages",
            collection: "crm/contact",
            columns: [TableColumn("stage", from: ColumnPath("$.data.stage"))]
        )
    }
}

extension Ledger {
    /// Declares tables and builds them.
    func declare(_ tables: TableDefinition...) async throws {
        let declaration = TableDeclaration(readers: readers, projectors: projectors, vault: vault)
        for table in tables {
            _ = try await declaration.declare(table, registry.list().map(\.id))
        }
    }
}

@Suite(.database)
struct ErasedTableTests {
    private func texts(_ query: String) throws -> [String] {
        let rows = try Witness.current.superuser().query(query)
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    @Test func anErasureReachesTheLiveTheKeptAndTheBuildingVersion() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            try await ledger.declare(.named(), .plain())
            let projectors = try TestLedger.current.connection(role: "tally_projector")
            let begun = try projectors.query("SELECT tally.begin_rebuild('contacts', NULL)")
            let version = try begun.integer(0, 0)
            #expect(
                try texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'tally_tables'")
                    .sorted() == [
                        "contacts", "contacts_next", "contacts_old", "stages", "stages_old",
                    ]
            )
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await Erasures(ledger).run(id)
            #expect(
                try texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'tally_tables'")
                    .sorted() == ["contacts", "stages"]
            )
            #expect(throws: PostgresError.self) {
                try projectors.execute("SELECT tally.swap_rebuild('contacts', \(version))")
            }
            let people = try texts(
                "SELECT coalesce(people::text, '-') FROM tally_tables.contacts ORDER BY stream"
            )
            #expect(people == [#"{"karl": {"name": "Karl"}}"#, "{}", #"{"karl": {"n": 1}}"#])
            #expect(try texts("SELECT name FROM tally_tables.contacts WHERE name > ''") == ["Karl"])
            let counted = try texts(
                "SELECT rows::text FROM tally.projection_erasure WHERE projection = 'contacts'"
            )
            #expect(counted == ["2"], "two of the three contacts have something of Maria")
        }
    }

    @Test func anErasedTenantHasNoRowAndItsNeighbourHas() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let globex = try await ledger.sampleTenant("globex")
            try await ledger.declare(.named(), .plain())
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: acme, ledger)
            _ = try await Erasures(ledger).run(id)
            for table in ["contacts", "stages"] {
                let tenants = try texts(
                    "SELECT DISTINCT replace(tenant_id::text, '-', '') FROM tally_tables.\(table)"
                )
                #expect(tenants == [globex.id.hex])
            }
        }
    }
}
