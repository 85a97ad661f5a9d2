// The code of the articles, compiled and run: what the documentation shows works as it stands
// there.

import Foundation
import ServiceLifecycle
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing
import UnixSignals

@Suite(.database, .serialized)
struct ArticleTests {
    @Test func theArticlesRunFromTheFirstToTheLast() async throws {
        let ledger = try await Ledger.open(TestLedger.current.configuration)
        // Getting started
        let acme = try await ledger.createTenant(named: "acme", region: "eu-central")
        _ = try await acme.append(
            .put("crm/contact/42", type: "contact.created", data: #"{"stage":"lead"}"#),
            expecting: .noStream,
            actor: "user:17"
        )
        let contact = try await acme.document("crm/contact/42")
        #expect(contact?.data == #"{"stage":"lead"}"#)
        // Appending
        let receipt = try await acme.append(
            .patch(
                "crm/contact/42",
                type: "contact.updated",
                data: #"{"stage":"customer"}"#,
                personal: ["person:9": #"{"name":"Ilze"}"#]
            ),
            expecting: .version(1),
            actor: "user:17",
            request: "5f0c"
        )
        #expect(receipt.position == 2)
        // Reading
        let now = try await acme.document("crm/contact/42")
        let then = try await acme.document("crm/contact/42", at: .position(1))
        #expect(now?.data == #"{"stage":"customer"}"#)
        #expect(now?.personal == ["person:9": #"{"name":"Ilze"}"#])
        #expect(then?.data == #"{"stage":"lead"}"#)
        let page = try await acme.events(where: "actor:user:17 type:contact.*", limit: 50)
        #expect(page.events.map(\.position) == [1, 2])
        #expect(page.next == nil)
        for try await event in try acme.tail(after: EventCursor(position: 0)) {
            #expect(event.type?.hasPrefix("contact.") == true)
            if event.position == 2 { break }
        }
        // Verifying
        let moment = try await acme.resolve(.position(1))
        print(moment.leafHash ?? "")
        #expect(moment.leafHash?.count == 64)
        let verdict = try await ledger.verify(acme, opensEvents: true)
        if verdict.isBroken { print(verdict.findings) }
        #expect(!verdict.isBroken)
        await ledger.close()
    }

    @Test func theArticleAboutErasingRuns() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(
                .put(
                    "crm/contact/43",
                    type: "contact.created",
                    data: #"{"stage":"lead"}"#,
                    personal: [
                        "person:9": #"{"name":"Ilze"}"#, "person:9#billing": #"{"iban":"LV80"}"#,
                    ]
                ),
                expecting: .noStream,
                actor: "user:17"
            )
            let contact = try await acme.document("crm/contact/43")
            let isWhole = contact?.erasedParts == 0
            #expect(isWhole)
            #expect(contact?.personal.count == 2)
            #expect(try await doesWork(acme))
            _ = try await acme.freeze()
            #expect(try await !doesWork(acme))
            let claim = try await acme.append(
                .note("crm/contact/43", type: "claim.filed"),
                actor: "user:17",
                purpose: .legalClaims
            )
            #expect(claim.version == 2)
            let services: [any Service] = [ProjectionService(ledger), KeyService(ledger)]
            #expect(services.count == 2)
        }
    }

    @Test func theArticleLetsTheCustomerDecide() async throws {
        try await TestLedger.current.open { ledger in
            let dana = try OperatorKey(Ed25519PrivateKey())
            let agent = try OperatorKey(Ed25519PrivateKey())
            let globex = try await ledger.createTenant(named: "globex", owners: [dana.publicKey])
            _ = try await ledger.decisions
                .addOwner(agent.publicKey, deciding: [.subjectErasure], of: globex, by: dana)
            let asked = try await ledger.erasures
                .request(subject: "person:7", of: globex, ground: "art17-1-b", by: agent)
            #expect(asked.state == .approved)
        }
    }

    private func doesWork(_ acme: Tenant) async throws -> Bool {
        var isDone = false
        func work() async throws {
            guard try await acme.allowsBackgroundWork() else { return }
            isDone = true
        }
        try await work()
        return isDone
    }

    /// Opened by nobody here: it names places that a test has not.
    private func openings() async throws {
        _ = {
            let ledger = try await Ledger.open(
                LedgerConfiguration(
                    database: "postgresql:///ledger",
                    keys: "postgresql:///keys",
                    kekDirectory: "/run/keks",
                    keyJournal: "/mnt/journal"
                )
            )
            return ledger
        }
        _ = {
            let ledger = try await Ledger.open(LedgerConfiguration())
            let services: [any Service] = [ledger, ProjectionService(ledger), KeyService(ledger)]
            try await ServiceGroup(
                services: services,
                gracefulShutdownSignals: [.sigterm],
                logger: Logger(label: "app")
            ).run()
        }
    }

    @Test func theRestOfTheArticlesRuns() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            struct Contact: Codable { var stage: String }
            _ = try await acme.append(
                .put("crm/contact/44", type: "contact.created", encoding: Contact(stage: "lead")),
                expecting: .noStream,
                actor: "user:17"
            )
            let contact = try await acme.document("crm/contact/44", as: Contact.self)
            #expect(contact?.stage == "lead")
            let receipt = try await acme.append(
                .note("crm/contact/44", type: "contact.called", personal: ["person:9": "{}"])
            )
            _ = try await acme.append(.note("crm/contact/44", type: "contact.called"))
            let reading = Task {
                for try await event in try acme.tail(after: receipt.cursor) {
                    print(event.position, event.type ?? "")
                    if event.position == 3 { break }
                }
            }
            try await reading.value
            let operators = try await TwoOperators(ledger)
            let (alice, bob) = (operators.asking, operators.approving)
            let request = try await ledger.erasures
                .request(subject: "person:9", of: acme, ground: "art17-1-b", by: alice)
            _ = try await ledger.decisions.approve(request.id, with: bob)
            let erasure = try await ledger.erasures.run(request.id)
            #expect(erasure.state == .purged)
        }
    }

    /// The projection of the protocol's documentation.
    private struct PaidInvoices: Projection {
        let name = "paid_invoices"
        let version = 1

        func apply(_ events: [Event], in transaction: ProjectionTransaction) throws {
            for event in events where event.type == "invoice.paid" {
                try transaction.execute(
                    "INSERT INTO app.paid (stream, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    [.text(event.stream ?? ""), .integer(event.recordedAt.microsecondsSince1970)]
                )
            }
        }

        func erase(_ erasure: ErasedEvents, in transaction: ProjectionTransaction) throws {}
    }

    @Test func aProjectionOfTheApplicationFillsItsTable() async throws {
        let test = try TestLedger.current
        let superuser = try Connection(ConnectionConfiguration(uri: test.configuration.database))
        try superuser.execute(
            """
            CREATE SCHEMA app;
            CREATE TABLE app.paid (stream text PRIMARY KEY, at bigint);
            GRANT USAGE ON SCHEMA app TO tally_projector;
            GRANT INSERT ON app.paid TO tally_projector
            """
        )
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for type in ["invoice.created", "invoice.paid"] {
                _ = try await acme.append(.note("billing/invoice/1", type: type))
            }
            let runner = ledger.projectionRunner([PaidInvoices()])
            try await runner.register()
            while try await runner.round(runner.live()) {}
            let rows = try superuser.query("SELECT stream FROM app.paid")
            #expect(rows.count == 1)
            #expect(try rows.text(0, 0) == "billing/invoice/1")
        }
    }
}
