// Merkle trees against tree.json: RFC 6962's published roots and those of a tenant's log, and
// against the recursive definition.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// The tree of RFC 9162, section 2.1.
@Suite struct TreeVectorTests {
    @Test("entries give the vector's hashes and root", arguments: try VectorFile("tree").vectors)
    func roots(_ vector: VectorEntry) throws {
        var hash = SHA256()
        var tree = MerkleTree()
        let entries = try vector.fields.byteLists("entries")
        let hashes = entries.map { Leaf.hash($0, with: &hash) }
        #expect(hashes.map(\.bytes) == (try vector.byteLists("leaf_hashes")))
        for leaf in hashes { tree.append(leaf, with: &hash) }
        #expect(tree.root(with: &hash) == (try vector.digest("root")))
        #expect(tree.size == UInt64(entries.count))
    }

    @Test("a root is that of the recursive definition, and asking for it changes nothing")
    func definition() {
        var hash = SHA256()
        var tree = MerkleTree()
        var leaves: [Digest] = []
        for number in 0..<130 {
            #expect(tree.root(with: &hash) == Self.root(leaves[...]))
            let leaf = SHA256.hash([UInt8(number)])
            leaves.append(leaf)
            tree.append(leaf, with: &hash)
        }
    }

    /// RFC 9162, section 2.1.1, word for word.
    private static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? SHA256.hash([]) }
        var left = 1
        while left * 2 < leaves.count { left *= 2 }
        let halves = [root(leaves.prefix(left)), root(leaves.dropFirst(left))]
        return SHA256.hash([1] + halves.flatMap(\.bytes))
    }
}
