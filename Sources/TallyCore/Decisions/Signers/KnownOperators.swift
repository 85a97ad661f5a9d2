// The operators whom the ledger's own log names on good grounds, and for how long each may sign.

internal import TallyCrypto

/// Operators by their ids.
package struct KnownOperators: Sendable {
    /// How long somebody may sign.
    struct Term: Sendable {
        let key: SignerKey
        /// The first key of the human being whose key it is.
        let person: OperatorID
        /// µs since 1970.
        let addedAt: UInt64
        /// µs since 1970; `nil` while the term goes on.
        var endedAt: UInt64?
    }

    /// Whether one person decides alone in this ledger.
    package internal(set) var decideAlone = false
    private var terms: [OperatorID: Term] = [:]

    /// Nobody.
    package init() {}

    /// Whether the next one needs nobody's approval: two people have to be there before any can be
    /// given.
    var isFounding: Bool { decideAlone || Set(terms.values.map(\.person)).count < 2 }

    /// Those who may sign now.
    package var active: Set<OperatorID> { Set(terms.filter { $0.value.endedAt == nil }.keys) }

    /// Everybody who is or was an operator.
    var all: Set<OperatorID> { Set(terms.keys) }

    /// The term of somebody who is or was an operator.
    func term(of id: OperatorID) -> Term? { terms[id] }

    /// The key of somebody who is or was an operator.
    package func key(of id: OperatorID) -> SignerKey? { terms[id]?.key }

    /// The human being whose key somebody signs with, by that person's first key.
    package func person(of id: OperatorID) -> OperatorID? { terms[id]?.person }

    /// Whether somebody was an operator at a time, µs since 1970.
    package func includes(_ id: OperatorID, at time: UInt64) -> Bool {
        terms[id].map { $0.addedAt <= time && time < $0.endedAt ?? .max } ?? false
    }

    mutating func add(_ key: SignerKey, of person: OperatorID, at time: UInt64) {
        terms[OperatorID(of: key)] = Term(key: key, person: person, addedAt: time)
    }

    mutating func end(_ id: OperatorID, at time: UInt64) {
        terms[id]?.endedAt = time
    }
}
