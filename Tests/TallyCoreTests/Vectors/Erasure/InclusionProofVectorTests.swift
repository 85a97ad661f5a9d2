// Proofs that a leaf is in a tree, against inclusion_proof.json.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// RFC 9162 inclusion proofs.
@Suite struct InclusionProofVectorTests {
    @Test(
        "a leaf has the vector's path, which leads to the root",
        arguments: try VectorFile("inclusion_proof").vectors
    )
    func proves(_ vector: VectorEntry) throws {
        var hash = SHA256()
        let leaves = try vector.fields.byteLists("entries").map { Leaf.hash($0, with: &hash) }
        let index: Int = try vector.fields.integer("index")
        let path = InclusionProofs(leaves).path(of: index)
        #expect(try path.map(\.bytes) == vector.byteLists("path"))
        #expect(try leaves[index] == vector.digest("leaf_hash"))
        let holds = try InclusionProof.verifies(
            leaves[index],
            at: UInt64(index),
            size: UInt64(leaves.count),
            path: path,
            root: vector.digest("root")
        )
        #expect(holds)
    }

    @Test(
        "a proof that does not hold is refused",
        arguments: try VectorFile("inclusion_proof").malformed
    )
    func refuses(_ entry: VectorEntry) throws {
        let holds = try InclusionProof.verifies(
            entry.digest("leaf_hash"),
            at: entry.integer("index"),
            size: entry.integer("size"),
            path: entry.byteLists("path").map { try #require(Digest($0)) },
            root: entry.digest("root")
        )
        #expect(!holds)
    }

    @Test("every leaf of a tree of any size has a proof, and no other leaf has it")
    func allSizes() throws {
        var hash = SHA256()
        let leaves = (0..<70 as Range<UInt8>).map { SHA256.hash([$0]) }
        var tree = MerkleTree()
        for size in 1...leaves.count {
            tree.append(leaves[size - 1], with: &hash)
            let root = tree.root(with: &hash)
            for index in 0..<size {
                let path = InclusionProofs(Array(leaves.prefix(size))).path(of: index)
                func holds(_ leaf: Digest) -> Bool {
                    InclusionProof.verifies(
                        leaf,
                        at: UInt64(index),
                        size: UInt64(size),
                        path: path,
                        root: root
                    )
                }
                #expect(holds(leaves[index]))
                #expect(!holds(leaves[(index + 1) % 70]))
            }
        }
    }
}
