// The result of verifying a tenant: a line for each check, and what it found.

public import TallyCore

/// The checks of a tenant, by the names under which they are shown and may be allowed to be
/// missing.
public enum CheckName: String, Sendable, CaseIterable {
    /// Every leaf has the hash that the chain commits to.
    case hashes
    /// Every event names the one before it.
    case links
    /// Every body is the one that its leaf commits to, or was purged by an erasure.
    case bodies
    /// What was decided had been asked for and approved by operators.
    case decisions
    /// The registers of decisions say what the log does.
    case registers
    /// The head fits the log, and nothing stands beyond it.
    case head
    /// No event id occurs twice.
    case eventIDs = "event_ids"
    /// The key store has withdrawn what was decided, and nothing else.
    case keys
    /// Columns say what the opened events say.
    case columns
    /// Published heads are heads of this log.
    case checkpoints
    /// Others have seen those heads.
    case witnesses
}

/// One check with its count.
public struct CheckLine: Sendable, Equatable {
    /// How a check ended.
    public enum Outcome: String, Sendable {
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
    public let name: CheckName
    /// How it ended.
    public let outcome: Outcome
    /// How many passed.
    public let passed: Int
    /// Of how many.
    public let total: Int
    /// What else there is to say.
    public let note: String

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
public struct TenantVerdict: Sendable {
    /// The tenant.
    public let tenant: TenantID
    /// Events the head promises.
    public let size: Int
    /// The root of the tenant's RFC 9162 tree, in hexadecimal.
    public let root: String
    /// The checks, in the order in which they are shown.
    public let checks: [CheckLine]
    /// Up to 1,000 findings.
    public let findings: [Finding]
    /// How many there are.
    public let findingCount: Int

    /// Whether something is not as it was written.
    public var isBroken: Bool { findingCount > 0 || checks.contains { $0.outcome == .broken } }
}
