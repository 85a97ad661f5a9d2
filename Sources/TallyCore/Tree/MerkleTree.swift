// RFC 9162 trees over leaf hashes, built a leaf at a time in logarithmic memory.

package import TallyCrypto

/// The root of a growing RFC 9162 tree, without its leaves.
package struct MerkleTree {
    /// Roots of the perfect subtrees, largest first.
    private var subtrees: [(size: UInt64, root: Digest)] = []

    /// The number of leaves.
    package private(set) var size: UInt64 = 0

    /// Begins an empty tree.
    package init() {}

    /// Adds a leaf by its hash.
    ///
    /// - Complexity: amortised one hash.
    package mutating func append(_ leafHash: Digest, with hash: inout SHA256) {
        size += 1
        subtrees.append((1, leafHash))
        while subtrees.count > 1, subtrees[subtrees.count - 2].size == subtrees.last?.size {
            let right = subtrees.removeLast()
            let left = subtrees.removeLast()
            let root = Self.node(left.root, right.root, with: &hash)
            subtrees.append((left.size * 2, root))
        }
    }

    /// The tree's root (section 2.1.1); of an empty tree SHA-256 of nothing.
    package func root(with hash: inout SHA256) -> Digest {
        guard var root = subtrees.last?.root else { return SHA256.hash([]) }
        for subtree in subtrees.dropLast().reversed() {
            root = Self.node(subtree.root, root, with: &hash)
        }
        return root
    }

    static func node(
        _ left: Digest,
        _ right: Digest,
        with hash: inout SHA256
    ) -> Digest {
        hash.update(1)
        hash.update(left)
        hash.update(right)
        return hash.finalize()
    }
}
