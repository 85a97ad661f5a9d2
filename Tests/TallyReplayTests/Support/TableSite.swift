// A table projection under test: declared, brought up to date, compared with a history.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyReplay

extension TableDefinition {
    /// A table of contacts with a column of each kind that histories have values for.
    static func sample(title: String = "$.data.a", isLenient: Bool = true) throws -> TableDefinition
    {
        try TableDefinition(
            name: "contacts",
            collection: "crm/contact",
            columns: [
                TableColumn("title", from: ColumnPath(title), isLenient: isLenient),
                TableColumn(
                    "deep",
                    .numeric,
                    from: ColumnPath("$.data.nested.deep"),
                    isLenient: true
                ),
                TableColumn("data", .jsonb, from: ColumnPath("$.data")),
                TableColumn("people", .jsonb, from: ColumnPath("$.personal")),
                TableColumn(
                    "first",
                    .jsonb,
                    from: ColumnPath("$.personal.*.b"),
                    of: SubjectPattern("person:*")
                ),
            ],
            indexes: [["title"], ["deep", "title"]]
        )
    }
}

/// A ledger with the table of contacts.
struct TableSite {
    let ledger: Ledger

    init(_ ledger: Ledger) { self.ledger = ledger }

    func declare(_ definition: TableDefinition) async throws -> RebuildReport? {
        try await TableDeclaration(
            readers: ledger.readers,
            projectors: ledger.projectors,
            vault: ledger.vault
        ).declare(definition, ledger.registry.list().map(\.id))
    }

    func rebuild() async throws -> RebuildReport {
        try await HistoryTests.rebuild(ledger, "contacts")
    }

    func catchUp(_ tenant: Tenant, documents: Bool = false) async throws {
        let names: Set = documents ? ["documents", "contacts"] : ["contacts"]
        #expect(try await ledger.projectionRunner().catchUp(tenant.id, names) == nil)
    }

    func check(_ tenant: Tenant) async throws -> TableVerdict {
        let live = try await TableRegistry(projectors: ledger.projectors).live()
        let table = try #require(live.first { $0.definition.name == "contacts" })
        return try await TableCheck(
            table.definition,
            version: table.version,
            readers: ledger.readers,
            projectors: ledger.projectors,
            vault: ledger.vault
        ).run(tenant.id)
    }

    /// Compares the rows with the newest documents of a history.
    func expect(_ tenant: Tenant, _ history: History, title: JSONString = "a") async throws {
        let documents = history.documents(history.size).filter {
            $0.key.hasPrefix("crm/contact/") && !$0.key.contains("note")
        }
        let connection = try TestLedger.current.connection(role: "tally_table_reader")
        try connection.execute("SET tally.tenant = '\(tenant.id.hex)'")
        let rows = try connection.query("SELECT stream FROM tally_tables.contacts ORDER BY stream")
        let streams = try (0..<rows.count).map { try rows.text($0, 0) }
        #expect(streams == documents.keys.sorted())
        for (stream, entry) in documents {
            let document = try #require(entry.document)
            try expect(connection, stream, entry.version, document, title)
        }
        let verdict = try await check(tenant)
        #expect(verdict.differing == [] && verdict.position == history.size)
    }

    private func expect(
        _ connection: Connection,
        _ stream: String,
        _ version: Int,
        _ document: NaiveDocument,
        _ title: JSONString
    ) throws {
        let people = document.personal.sorted { JSONString($0.key) < JSONString($1.key) }
        let first = people.first {
            $0.key.hasPrefix("person:") && $0.value.objectValue?["b"] != nil
        }
        func json(_ value: JSONValue?) -> Parameter {
            guard let value, value != .null else { return .noText }
            return .text(String(decoding: value.canonical(), as: UTF8.self))
        }
        func text(_ value: JSONValue?) -> Parameter {
            let text = value?.stringValue.flatMap { $0.utf8.count <= 500 ? $0 : nil }
            return text.map { .text($0) } ?? .noText
        }
        let deep = document.data.objectValue?["nested"]?.objectValue?["deep"]?.numberValue
        let rows = try connection.query(
            """
            SELECT version = $2 AND data IS NOT DISTINCT FROM $3::jsonb
                AND people IS NOT DISTINCT FROM $4::jsonb AND first IS NOT DISTINCT FROM $5::jsonb
                AND title IS NOT DISTINCT FROM $6 AND deep IS NOT DISTINCT FROM $7::numeric
            FROM tally_tables.contacts WHERE stream = $1
            """,
            [
                .text(stream), .integer(Int32(version)), json(document.data),
                json(.object(JSONObject(people.map { (JSONString($0.key), $0.value) }))),
                json(first?.value.objectValue?["b"]), text(document.data.objectValue?[title]),
                deep.map { .text($0.text) } ?? .noText,
            ]
        )
        #expect(try rows.count == 1 && rows.bool(0, 0), "\(stream)")
    }
}
