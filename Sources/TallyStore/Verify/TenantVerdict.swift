// The result of verifying a tenant: a line for each check, and what it found.

package import TallyCore

/// One check with its count.
package struct CheckLine: Sendable, Equatable {
    /// How a check ended.
    package enum Outcome: String, Sendable {
        /// It ran and everything passed.
        case passed = "ok"
        /// It ran and something is broken.
        case broken = "BROKEN"
        /// It could not run; the verdict is incomplete.
        case notRun = "not run"
        /// Nobody asked for it.
        case notAsked = "not asked"
    }

    /// The check's name, such as `links`.
    package let name: String
    /// How it ended.
    package let outcome: Outcome
    /// What passed, and of how many.
    package let passed: Int
    package let total: Int
    /// What else there is to say.
    package let note: String

    package init(
        _ name: String,
        _ outcome: Outcome,
        passed: Int = 0,
        total: Int = 0,
        note: String = ""
    ) {
        self.name = name
        self.outcome = outcome
        self.passed = passed
        self.total = total
        self.note = note
    }

    /// A check that ran over `total` things.
    static func count(_ name: String, _ passed: Int, of total: Int, note: String = "") -> Self {
        Self(
            name,
            passed == total ? .passed : .broken,
            passed: passed,
            total: total,
            note: note
        )
    }
}

/// What verifying a tenant's log gave.
package struct TenantVerdict: Sendable {
    /// The tenant.
    package let tenant: TenantID
    /// Events the head promises.
    package let size: Int
    /// The root of the tenant's RFC 9162 tree, in hexadecimal.
    package let root: String
    /// The checks, in the order in which they are shown.
    package let checks: [CheckLine]
    /// Up to 1,000 findings.
    package let findings: [Finding]
    /// How many there are.
    package let findingCount: Int

    /// Whether something is not as it was written.
    package var isBroken: Bool { findingCount > 0 || checks.contains { $0.outcome == .broken } }
}
