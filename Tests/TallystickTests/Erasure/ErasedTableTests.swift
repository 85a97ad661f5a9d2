// Tables of real columns and who was erased: in the live version, the kept one and one that is
// being built, and in every file that the server writes.

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
            _ = try await ledger.erasures.run(id)
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

    @Test func aRowThatIsBehindASkippedEventLosesThePersonToo() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            try await ledger.declare(.named())
            _ = try await acme.append(
                .put("crm/contact/1", type: "t", data: "{}", personal: ["maria": #"{"name":"M"}"#])
            )
            _ = try await acme.append(.patch("crm/contact/1", type: "t", data: #"{"stage":1}"#))
            let stop = try await ledger.projectionRunner().catchUp(acme.id, ["contacts"])
            #expect(stop?.position == 2)
            _ = try await ledger.projections.skip(2, in: "contacts", of: acme, reason: "OPS-1")
            _ = try await ledger.projectionRunner().catchUp(
                acme.id,
                ["contacts", "trail", "documents"]
            )
            #expect(try texts("SELECT name FROM tally_tables.contacts") == ["M"])
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            #expect(try texts("SELECT coalesce(name, '-') FROM tally_tables.contacts") == ["-"])
        }
    }

    @Test func aValueThatNoLongerFitsHoldsUpNoErasure() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            try await ledger.declare(.named())
            _ = try await acme.append(
                .put(
                    "crm/contact/1",
                    type: "t",
                    data: "{}",
                    personal: ["a": #"{"name":"A"}"#, "b": #"{"name":7}"#]
                )
            )
            _ = try await ledger.projectionRunner().catchUp(acme.id, ["contacts"])
            #expect(try texts("SELECT name FROM tally_tables.contacts") == ["A"])
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "a", acme, ledger)
            #expect(try await ledger.erasures.run(id).state == .purged)
            #expect(try texts("SELECT coalesce(name, '-') FROM tally_tables.contacts") == ["-"])
        }
    }

    @Test func anErasedTenantHasNoRowAndItsNeighbourHas() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let globex = try await ledger.sampleTenant("globex")
            try await ledger.declare(.named(), .plain())
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: acme, ledger)
            _ = try await ledger.erasures.run(id)
            for table in ["contacts", "stages"] {
                let tenants = try texts(
                    "SELECT DISTINCT replace(tenant_id::text, '-', '') FROM tally_tables.\(table)"
                )
                #expect(tenants == [globex.id.hex])
            }
        }
    }
}

@Suite(.database)
struct ErasedSnapshotTests {
    @Test func anErasureTakesTheSnapshotsOfTouchedStreamsAndNoOthers() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for (stream, person) in [("long/1", "maria"), ("long/2", "karl")] {
                for _ in 0..<3 {
                    _ = try await acme.append((0..<350).map { _ in .personal(stream, person) })
                }
            }
            _ = try await ledger.projectionRunner().catchUp(acme.id, ["documents", "trail"])
            let superuser = try Witness.current.superuser()
            func count() throws -> Int64 {
                try superuser.query("SELECT count(*) FROM tally.snapshot").integer(0, 0)
            }
            #expect(try count() == 2)
            let operators = try await TwoOperators(ledger)
            let maria = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(maria)
            #expect(try count() == 1)
            let tenant = try await operators.erasure(of: acme, ledger)
            _ = try await ledger.erasures.run(tenant)
            #expect(try count() == 0)
        }
    }
}
