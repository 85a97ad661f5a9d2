// Those to whom a tenant's data belongs, as its own log names them: they decide about its erasure
// without any operator.

internal import TallyCrypto

/// Owners by their ids.
package struct KnownOwners: Sendable {
    /// How long somebody may decide, and about what.
    package struct Term: Sendable {
        package let key: SignerKey
        package let actions: Set<ApprovalAction>
        /// µs since 1970.
        package let addedAt: UInt64
        /// µs since 1970; `nil` while the term goes on.
        package internal(set) var endedAt: UInt64?
    }

    /// What an owner can be let decide.
    package static let actions: [ApprovalAction] = [.subjectErasure, .tenantErasure, .ownerChange]

    /// How many of them a decision needs: the first one's event says so.
    package internal(set) var quorum = 1
    package private(set) var terms: [OperatorID: Term] = [:]

    /// Nobody.
    package init() {}

    /// Whether somebody could decide about something at a time, µs since 1970.
    package func include(_ id: OperatorID, _ action: ApprovalAction, at time: UInt64) -> Bool {
        terms[id].map {
            $0.actions.contains(action) && $0.addedAt <= time && time < $0.endedAt ?? .max
        } ?? false
    }

    mutating func add(_ key: SignerKey, _ actions: Set<ApprovalAction>, at time: UInt64) {
        terms[OperatorID(of: key)] = Term(key: key, actions: actions, addedAt: time)
    }

    mutating func end(_ id: OperatorID, at time: UInt64) {
        terms[id]?.endedAt = time
    }
}
