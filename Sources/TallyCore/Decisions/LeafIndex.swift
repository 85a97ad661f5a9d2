// Where a leaf stands in a log, by its hash: an approval names an event that its requester saw.

package import TallyCrypto

/// The leaves of one log, in order.
///
/// Eight bytes of each hash are kept: whoever finds two leaves that share them has done 2^32
/// hashes, and gains an approval that has seen another event of the same log.
package struct LeafIndex: Sendable {
    private var prefixes: [UInt64] = []
    private var places: [UInt64: Int]?

    /// An empty log.
    package init() {}

    /// Takes the next leaf.
    package mutating func append(_ hash: Digest) {
        let prefix = Self.prefix(hash)
        if places != nil, places?[prefix] == nil { places?[prefix] = prefixes.count }
        prefixes.append(prefix)
    }

    /// Makes look-ups cheap.
    ///
    /// - Complexity: O(events), once.
    package mutating func index() {
        guard places == nil else { return }
        places = Dictionary(
            zip(prefixes, prefixes.indices),
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Whether a leaf stands before a position.
    package func contains(_ hash: Digest, before position: UInt64) -> Bool {
        let prefix = Self.prefix(hash)
        let place = places.map { $0[prefix] } ?? prefixes.firstIndex(of: prefix)
        return place.map { UInt64($0) < position } ?? false
    }

    private static func prefix(_ hash: Digest) -> UInt64 {
        hash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
