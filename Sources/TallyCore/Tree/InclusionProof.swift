// RFC 9162 inclusion proofs: that a leaf is in a tree of a given size and root.

package import TallyCrypto

/// The nodes of one tree, for as many proofs as are wanted.
package struct InclusionProofs: Sendable {
    /// Hashes from the leaves up; a node without a sibling goes up as it is.
    private var levels: [[Digest]]

    /// Hashes a tree once.
    ///
    /// - Complexity: O(leaves) in time and memory.
    package init(_ leaves: [Digest]) {
        levels = [leaves]
        var hash = SHA256()
        while let below = levels.last, below.count > 1 {
            var level: [Digest] = []
            level.reserveCapacity((below.count + 1) / 2)
            for left in stride(from: 0, to: below.count, by: 2) {
                guard left + 1 < below.count else {
                    level.append(below[left])
                    continue
                }
                level.append(MerkleTree.node(below[left], below[left + 1], with: &hash))
            }
            levels.append(level)
        }
    }

    /// The tree's root (RFC 9162, section 2.1.1).
    package var root: Digest { levels.last?.first ?? SHA256.hash([]) }

    /// The path of a leaf (section 2.1.3.1), lowest sibling first.
    package func path(of index: Int) -> [Digest] {
        var place = index
        var path: [Digest] = []
        for level in levels.dropLast() {
            if level.indices.contains(place ^ 1) { path.append(level[place ^ 1]) }
            place >>= 1
        }
        return path
    }
}

/// Checks proofs.
package enum InclusionProof {
    /// Whether a leaf is at `index` in the tree of `size` leaves with that root (section 2.1.3.2).
    package static func verifies(
        _ leaf: Digest,
        at index: UInt64,
        size: UInt64,
        path: [Digest],
        root: Digest
    ) -> Bool {
        guard index < size else { return false }
        var (place, last) = (index, size - 1)
        var found = leaf
        var hash = SHA256()
        for sibling in path {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                found = MerkleTree.node(sibling, found, with: &hash)
                while place & 1 == 0, place > 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                found = MerkleTree.node(found, sibling, with: &hash)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && found == root
    }
}
