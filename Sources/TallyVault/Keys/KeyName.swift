// How a key is asked for before its id is known.

package import TallyCore

/// The name of one of a tenant's keys.
package struct KeyName: Sendable {
    /// What the key is for.
    package var kind: KeyKind
    /// The subject's blind tag; zeros for keys of no subject.
    package var subjectTag: BlindTag
    /// The retention class; empty for keys of no subject and for the default class.
    package var retentionClass: String

    /// Names a key.
    package init(_ kind: KeyKind, subjectTag: BlindTag = .zero, retentionClass: String = "") {
        self.kind = kind
        self.subjectTag = subjectTag
        self.retentionClass = retentionClass
    }

    /// The key that seals part 0 of a tenant's events.
    package static let data = Self(.data)
    /// The key of a tenant's blind tags.
    package static let index = Self(.index)

    func place(ledger: LedgerID, tenant: TenantID) -> KeyPlace {
        KeyPlace(
            ledger: ledger,
            tenant: tenant,
            kind: kind,
            subjectTag: subjectTag,
            retentionClass: retentionClass
        )
    }
}

extension KeyName: Hashable {
    /// Whether both name the same key; classes are compared as bytes.
    package static func == (left: Self, right: Self) -> Bool {
        left.kind == right.kind && left.subjectTag == right.subjectTag
            && ByteText(left.retentionClass) == ByteText(right.retentionClass)
    }

    /// Feeds the name to a hasher.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(subjectTag)
        hasher.combine(ByteText(retentionClass))
    }
}

extension KeyName: Comparable {
    /// The order in which keys are stored, so that two processes cannot block each other.
    package static func < (left: Self, right: Self) -> Bool {
        (left.kind.rawValue, left.subjectTag, ByteText(left.retentionClass))
            < (right.kind.rawValue, right.subjectTag, ByteText(right.retentionClass))
    }
}
