// The operators whom the ledger's own log names on good grounds, and for how long each may sign.

package import TallyCrypto

/// Operators by their ids.
package struct KnownOperators: Sendable {
    private struct Term: Sendable {
        let key: Ed25519PublicKey
        let addedAt: UInt64
        var endedAt: UInt64?
    }

    /// Whether one person decides alone in this ledger.
    package internal(set) var decideAlone = false
    private var terms: [OperatorID: Term] = [:]

    /// Nobody.
    package init() {}

    /// Whether the next one needs nobody's approval: two have to be there before any can be given.
    var isFounding: Bool { decideAlone || terms.count < 2 }

    /// Those who may sign now.
    package var active: Set<OperatorID> { Set(terms.filter { $0.value.endedAt == nil }.keys) }

    /// The key of somebody who is or was an operator.
    package func key(of id: OperatorID) -> Ed25519PublicKey? { terms[id]?.key }

    /// Whether somebody was an operator at a time, µs since 1970.
    package func includes(_ id: OperatorID, at time: UInt64) -> Bool {
        terms[id].map { $0.addedAt <= time && time < $0.endedAt ?? .max } ?? false
    }

    /// Whether an approval is signed by who it says, and by an operator of that time.
    package func haveSigned(_ approval: Approval) -> Bool {
        includes(approval.approver, at: approval.approvedAt)
            && key(of: approval.approver).map { approval.isSigned(by: $0) } == true
    }

    mutating func add(_ key: Ed25519PublicKey, at time: UInt64) {
        terms[OperatorID(of: key)] = Term(key: key, addedAt: time)
    }

    mutating func end(_ id: OperatorID, at time: UInt64) {
        terms[id]?.endedAt = time
    }
}
