// A day of a small company, from the first invoice to the auditor.
//
//   tally dev --fresh -- invoices KEYS      KEYS has alice.pem, alice.pub, bob.pem and bob.pub

import Foundation
import InvoiceBook
import Tallystick

@main
struct Day {
    let ledger: Ledger
    let tenant: Tenant
    let (alice, bob): (OperatorKey, OperatorKey)

    static func main() async throws {
        do {
            let keys = CommandLine.arguments.dropFirst().first ?? "."
            let ledger = try await Ledger.open(LedgerConfiguration())
            try await Day(ledger, keys).run()
            await ledger.close()
        } catch let problem as Problem {
            FileHandle.standardError.write(Data("\(problem.message)\n\(problem.hint)\n".utf8))
            exit(problem.code.exitCode)
        }
    }

    init(_ ledger: Ledger, _ keys: String) async throws {
        func file(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(keys)/\(name)")))
        }
        self.ledger = ledger
        alice = try OperatorKey(pem: file("alice.pem"))
        bob = try OperatorKey(pem: file("bob.pem"))
        for name in ["alice.pub", "bob.pub"] {
            _ = try await ledger.decisions.addOperator(pem: file(name))
        }
        tenant = try await ledger.createTenant(named: "acme")
        _ = try await ledger.projections.declare(InvoiceTable.definition)
    }

    func run() async throws {
        let receipt = try await issue()
        try await mistake(after: receipt)
        try await privacy()
        try await audit()
    }

    private func issue() async throws -> Receipt {
        let book = InvoiceBook(tenant)
        let ilze = Customer(name: "Ilze", email: "ilze@example.com")
        _ = try await book.issue(
            1,
            Invoice(customer: 8812, cents: 14_000),
            to: ilze,
            by: "user:17",
            request: "order/1"
        )
        let receipt = try await book.issue(
            2,
            Invoice(customer: 8812, cents: 990),
            to: ilze,
            by: "user:17",
            request: "order/2"
        )
        let again = try await book.issue(
            2,
            Invoice(customer: 8812, cents: 990),
            to: ilze,
            by: "user:17",
            request: "order/2"
        )
        print("invoice 2 is event \(receipt.position); sent again it is event \(again.position)")
        try await book.pay(1, by: "user:17")
        // A table follows the log; who wants to see what was written just now takes it forward.
        _ = try await ledger.projections.catchUp(["invoices"], of: tenant)
        for open in try await InvoiceTable(tenant).open() {
            print("open: \(open.invoices) invoice, \(open.cents) cents, \(open.currency)")
        }
        return receipt
    }

    private func mistake(after receipt: Receipt) async throws {
        let book = InvoiceBook(tenant)
        try await book.pay(2, by: "script:9")
        print("invoice 2 paid by mistake: \(try await book.invoice(2)?.paid ?? false)")
        let changed = try await Rewinding(ledger, tenant)
            .rewind(to: .position(receipt.position + 1), askedBy: alice, approvedBy: bob)
        print("restored \(changed) invoice; paid now: \(try await book.invoice(2)?.paid ?? true)")
    }

    private func privacy() async throws {
        let desk = PrivacyDesk(ledger, tenant)
        print("held about customer 8812: \(try await desk.export(8812).count) sections")
        let request = try await desk.requestErasure(of: 8812, by: alice)
        let erasure = try await desk.carryOut(request, approvedBy: bob)
        print("erasure: \(erasure.state.rawValue), \(erasure.purgedParts) parts gone")
        let customer = try await InvoiceBook(tenant).customer(of: 1)
        print("customer of invoice 1: \(customer?.name ?? "erased")")
        print("held about customer 8812: \(try await desk.export(8812).count) sections")
    }

    private func audit() async throws {
        let verdict = try await ledger.verify(tenant, opensEvents: true)
        print(
            "verified: \(verdict.size) events, \(verdict.isBroken ? "BROKEN" : "nothing altered")"
        )
    }
}
