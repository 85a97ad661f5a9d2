// RFC 9162 inclusion proofs: that a leaf is in a tree of a given size and root.

package import TallyCrypto

/// Proofs over the leaves of one tree.
package enum InclusionProof {
    /// The path of a leaf (RFC 9162, section 2.1.3.1), lowest sibling first.
    ///
    /// - Complexity: O(leaves) hashes.
    package static func path(of index: Int, in leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let split = largestPower(below: leaves.count)
        let middle = leaves.startIndex + split
        if index < split {
            return path(of: index, in: leaves[..<middle]) + [root(leaves[middle...])]
        }
        return path(of: index - split, in: leaves[middle...]) + [root(leaves[..<middle])]
    }

    private static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        var tree = MerkleTree()
        var hash = SHA256()
        for leaf in leaves { tree.append(leaf, with: &hash) }
        return tree.root(with: &hash)
    }

    /// The largest power of two that is less than a count of at least 2.
    private static func largestPower(below count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

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
