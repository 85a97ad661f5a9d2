// The two buttons of a privacy page: what do you know of me, and forget me.

import Tallystick

/// Answers customers: GDPR Articles 15, 17 and 20.
package struct PrivacyDesk: Sendable {
    private let ledger: Ledger
    private let tenant: Tenant

    package init(_ ledger: Ledger, _ tenant: Tenant) {
        self.ledger = ledger
        self.tenant = tenant
    }

    /// Everything that is held about a customer: one JSON text per section, oldest first.
    package func export(_ customer: Int) async throws -> [String] {
        try await ledger.subjects.sections(of: "customer:\(customer)", in: tenant)
            .map { String(decoding: $0.data, as: UTF8.self) }
    }

    /// Asks for a customer's erasure; the other operator approves it.
    ///
    /// - Returns: the erasure, for ``carryOut(_:approvedBy:)``.
    package func requestErasure(
        of customer: Int,
        by operator: OperatorKey?
    ) async throws -> DecisionID {
        try await ledger.erasures.request(
            subject: "customer:\(customer)",
            of: tenant,
            ground: "art17-1-b",
            by: `operator`
        ).id
    }

    /// Approves an erasure where somebody has to, and destroys the customer's keys.
    package func carryOut(
        _ erasure: DecisionID,
        approvedBy operator: OperatorKey?
    ) async throws -> Erasure {
        if let `operator` { _ = try await ledger.decisions.approve(erasure, with: `operator`) }
        return try await ledger.erasures.run(erasure)
    }
}
