// Texts that exist nowhere else, given to a ledger wherever a caller can give it one, and others
// that are planted beside it to show that they would be found.

import Foundation
import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// One text for each thing that a caller may name or say.
struct Canaries {
    let tenant = Needle.canary("tenant name")
    let stream = Needle.canary("stream name")
    let type = Needle.canary("event type")
    let data = Needle.canary("data")
    let personal = Needle.canary("personal data")
    let subject = Needle.canary("subject")
    let actor = Needle.canary("actor")
    let behalf = Needle.canary("on behalf of")
    let correlation = Needle.canary("correlation")
    let refused = Needle.canary("refused data")
    let refusedTenant = Needle.canary("refused tenant name")

    var all: [Needle] {
        [
            tenant, stream, type, data, personal, subject, actor, behalf, correlation, refused,
            refusedTenant,
        ]
    }

    private var event: NewEvent {
        var event = NewEvent.put(
            "crm/contact/\(stream.text)",
            type: "contact.\(type.text)",
            data: #"{"note":"\#(data.text)"}"#,
            personal: [
                subject.text: #"{"name":"\#(personal.text)"}"#, "control": #"{"name":"C"}"#,
            ]
        )
        event.actor = actor.text
        event.onBehalfOf = behalf.text
        event.correlation = correlation.text
        return event
    }

    /// Appends, projects, reads, and is refused.
    func use(_ ledger: Ledger) async throws -> Tenant {
        let acme = try await ledger.createTenant(named: "acme-\(tenant.text)")
        _ = try await acme.append([event, event])
        let stop = try await ledger.projectionRunner().catchUp(
            acme.id,
            [BuiltInProjection.documents, BuiltInProjection.trail]
        )
        #expect(stop == nil)
        let document = try #require(try await acme.document("crm/contact/\(stream.text)"))
        #expect(document.personal.keys.sorted() == [subject.text, "control"].sorted())
        try await beRefused(ledger, acme)
        return acme
    }

    private func beRefused(_ ledger: Ledger, _ acme: Tenant) async throws {
        var late = event
        late.data = Array(#"{"note":"\#(refused.text)"}"#.utf8)
        late.expecting = .version(99)
        #expect(await acme.answer([late]).problem == .versionConflict)
        late.expecting = .any
        late.data = Array("{\(refused.text)".utf8)
        #expect(await acme.answer([late]).problem == .invalid)
        let taken = await #expect(throws: Problem.self) {
            try await ledger.createTenant(named: "acme-\(tenant.text)")
        }
        #expect(taken?.code == .invalid)
        await #expect(throws: Problem.self) {
            try await ledger.tenant(named: refusedTenant.text)
        }
    }
}

/// Texts in plain sight: a table, the server's log and a file in the journal's directory.
struct PlantedNeedles {
    static let inTable = "planted in a table"
    static let inLog = "planted in the log"
    static let inJournal = "planted in the journal"

    private let table = Needle.canary(inTable)
    private let log = Needle.canary(inLog)
    private let journal = Needle.canary(inJournal)

    var all: [Needle] { [table, log, journal] }

    /// Plants each; the table's text is then refused once more by a failing statement.
    func plant(_ site: RemanenceSite) throws {
        let uri = site.dedicated.configuration.database
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        try connection.execute("CREATE TABLE planted (text text UNIQUE, bytes bytea)")
        let insert = "INSERT INTO planted VALUES ($1, $2)"
        let hex = table.bytes.map { String(format: "%02x", $0) }.joined()
        let base64 = Data(table.bytes).base64EncodedString()
        let wide = table.bytes.flatMap { [$0, 0] as [UInt8] }
        for text in [table.text, hex, hex.uppercased(), base64] {
            _ = try connection.query(insert, [.text(text), .bytea(nil)])
        }
        for bytes in [wide, [0] + wide.dropLast()] {
            _ = try connection.query(insert, [.noText, .bytea(bytes)])
        }
        #expect(throws: PostgresError.self) {
            try connection.query(insert, [.text(table.text), .bytea(nil)])
        }
        try connection.execute("DO $$ BEGIN RAISE LOG '%', '\(log.text)'; END $$")
        try Data(journal.bytes).write(
            to: URL(filePath: "\(site.dedicated.configuration.keyJournal)/planted")
        )
    }
}
