// An event as its readers see it: opened where the keys live, said to be erased where not.

package import TallyCore
package import TallyCrypto

/// What became of a sealed part.
package enum Opened<Content: Sendable>: Sendable {
    /// It was opened.
    case content(Content)
    /// Its key was destroyed, or its ciphertext purged.
    case erased
    /// Its key was never destroyed, but is not in the key store.
    case keyLost
    /// It does not open, or does not belong to this key.
    case damaged(String)
}

/// One personal section.
package struct OpenedSection: Sendable {
    /// Whose it is.
    package let name: PersonalName
    /// The data as it was sealed, decoded once to see that it can be.
    let packed: PartData
    /// JSON text, decoded each time.
    package var data: [UInt8] { packed.text }
    /// The name that the key store has for the key that opened it.
    package let keyName: KeyNameOfPart
}

/// Whose key opened a part, by blind tag and class.
package struct KeyNameOfPart: Sendable, Equatable {
    package let subjectTag: BlindTag
    package let retentionClass: String
}

/// A stored event with its contents.
///
/// A class, because it changes hands many times and holds much that would be counted each time.
package final class OpenedEvent: Sendable {
    /// The row.
    package let stored: StoredEvent
    /// The decoded leaf.
    package let leaf: Leaf
    /// The leaf's hash, computed each time it is asked for.
    package var leafHash: Digest {
        var hash = SHA256()
        return Leaf.hash(stored.leaf, with: &hash)
    }
    /// The clear JSON of the ledger's own kinds.
    package let clear: [UInt8]?
    /// The envelope of kinds 1 and 10; ``TallyCore/PartData/text`` is its data, decoded.
    package let envelope: Opened<Envelope>?
    /// The personal sections of kinds 1 and 10, in part order.
    package let sections: [Opened<OpenedSection>]
    /// Whose keys sealed the sections that were not purged, as far as the key store knows them.
    package let subjectTags: Set<BlindTag>

    /// The bytes of its texts, decoded.
    package var textBytes: Int {
        var bytes = clear?.count ?? 0
        if case .content(let envelope) = envelope { bytes += envelope.data.size }
        for case .content(let section) in sections { bytes += section.packed.size }
        return bytes
    }

    init(
        stored: StoredEvent,
        leaf: Leaf,
        clear: [UInt8]?,
        envelope: Opened<Envelope>?,
        sections: [Opened<OpenedSection>],
        subjectTags: Set<BlindTag>
    ) {
        self.stored = stored
        self.leaf = leaf
        self.clear = clear
        self.envelope = envelope
        self.sections = sections
        self.subjectTags = subjectTags
    }
}
