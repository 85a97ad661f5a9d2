// The way back after a mistake: one collection of one tenant, as it was at a moment.

import Tallystick

/// Sets invoices back.
package struct Rewinding: Sendable {
    private let ledger: Ledger
    private let tenant: Tenant

    package init(_ ledger: Ledger, _ tenant: Tenant) {
        self.ledger = ledger
        self.tenant = tenant
    }

    /// Brings all invoices back to what they were; what came later stays in the log.
    ///
    /// - Returns: how many invoices were changed.
    package func rewind(
        to moment: Moment,
        askedBy asking: OperatorKey?,
        approvedBy approving: OperatorKey?
    ) async throws -> Int {
        let plan = try await ledger.restores
            .plan(tenant, at: moment, .collection(InvoiceBook.collection))
        let request = try await ledger.restores.request(plan, by: asking)
        if let approving { _ = try await ledger.decisions.approve(request.id, with: approving) }
        return try await ledger.restores.apply(request.id).applied
    }
}
