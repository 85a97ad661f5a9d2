// One event of a stream as the fold sees it: opened, and stripped of what no document depends on.

package import TallyCrypto

/// A personal part of an event.
package enum FoldSection: Sendable, Equatable {
    /// JSON text under a person's name.
    case content(PersonalName, [UInt8])
    /// Its key was destroyed, or its ciphertext purged.
    case erased
}

/// What one event does to its stream's document.
package struct FoldEvent: Sendable, Equatable {
    /// The 1-based number within the stream.
    package var version: Int
    /// The 0-based position in the tenant's log.
    package var position: Int
    /// What it does.
    package var operation: EventOperation
    /// JSON text, empty where there is none; for a revert 8 bytes, the version.
    package var data: [UInt8]
    /// The personal parts in part order.
    package var sections: [FoldSection]
    /// The digests of the personal parts, in the same order.
    package var digests: [Digest]

    /// Makes an event of its parts.
    package init(
        version: Int,
        position: Int,
        operation: EventOperation,
        data: [UInt8] = [],
        sections: [FoldSection] = [],
        digests: [Digest] = []
    ) {
        self.version = version
        self.position = position
        self.operation = operation
        self.data = data
        self.sections = sections
        self.digests = digests
    }

    /// The bytes of its texts, of its sections' names, and of its digests.
    package var byteCount: Int {
        sections.reduce(data.count + Digest.byteCount * digests.count) { sum, section in
            guard case .content(let name, let text) = section else { return sum }
            return sum + name.byteCount + text.count
        }
    }

    /// The version that a revert names; `nil` when its data is not 8 bytes or beyond 31 bits.
    package var revertedVersion: Int? {
        guard data.count == 8 else { return nil }
        let version = data.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return version <= UInt64(Int32.max) ? Int(version) : nil
    }
}
