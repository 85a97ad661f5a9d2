// The result of verifying a tenant: a line for each check, and what it found.

package import TallyCore

/// The checks of a tenant, by the names under which they are shown and may be allowed to be missing.
package enum CheckName: String, Sendable, CaseIterable {
    case hashes, links, bodies
    case requests, decisions, head
    case eventIDs = "event_ids"
    case columns, checkpoints, witnesses
}

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

    /// Which check it is.
    package let name: CheckName
    /// How it ended.
    package let outcome: Outcome
    /// What passed, and of how many.
    package let passed: Int
    package let total: Int
    /// What else there is to say.
    package let note: String

    package init(
        _ name: CheckName,
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
    static func count(_ name: CheckName, _ passed: Int, of total: Int, note: String = "") -> Self {
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
