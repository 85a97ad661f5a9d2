// One hash for all documents of a tenant: live and replayed must have the same.

package import TallyCore
package import TallyCrypto

/// The leaves of a tenant's state root, by stream.
package struct StateLeaves: Sendable, Equatable {
    /// Each document's digest, in the order of the streams' tags.
    package let leaves: [(stream: BlindTag, digest: Digest)]

    /// Sorts leaves.
    package init(_ digests: [BlindTag: Digest]) {
        leaves = digests.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The root: an RFC 9162 tree over the digests in the order of the streams' tags.
    package var root: Digest {
        var tree = MerkleTree()
        var hash = SHA256()
        for leaf in leaves { tree.append(Self.hash(leaf.digest, with: &hash), with: &hash) }
        return tree.root(with: &hash)
    }

    private static func hash(_ digest: Digest, with hash: inout SHA256) -> Digest {
        Leaf.hash(digest.bytes, with: &hash)
    }

    /// The streams whose documents are not the same, or are on one side only.
    package func differences(from other: StateLeaves) -> [BlindTag] {
        let mine = Dictionary(uniqueKeysWithValues: leaves.map { ($0.stream, $0.digest) })
        let others = Dictionary(uniqueKeysWithValues: other.leaves.map { ($0.stream, $0.digest) })
        return Set(mine.keys).union(others.keys).filter { mine[$0] != others[$0] }.sorted()
    }

    /// Whether both have the same leaves.
    package static func == (left: Self, right: Self) -> Bool {
        left.differences(from: right).isEmpty
    }
}
