// Random damage to the valid vectors of every structure. Whatever a decoder still accepts must be
// the one form of what it read: writing it again gives the same bytes.

import TallyCore
import TallyTesting
import Testing

/// Decoders on outside bytes: a typed refusal or the same bytes again, never a crash.
@Suite struct FormatMutationTests {
    /// A structure's vectors and its decoder and encoder in a row.
    struct Subject: Sendable, CustomTestStringConvertible {
        let structure: String
        var key = "bytes"
        let rewrite: @Sendable (_ bytes: [UInt8], _ vector: VectorEntry) throws -> [UInt8]

        var testDescription: String { structure }
    }

    static let subjects = [
        Subject(structure: "leaf") { bytes, _ in try Leaf(decoding: bytes).encoded() },
        Subject(structure: "part") { bytes, _ in try Part(decoding: bytes).encoded() },
        Subject(structure: "envelope", key: "padded") { bytes, _ in
            try Envelope(decoding: bytes).encoded()
        },
        Subject(structure: "envelope_v2", key: "padded") { bytes, _ in
            try Envelope(decoding: bytes).encoded()
        },
        Subject(structure: "personal", key: "padded") { bytes, _ in
            try Personal(decoding: bytes).encoded()
        },
        Subject(structure: "event_body") { bytes, vector in
            let leaf = try Leaf(decoding: vector.fields.bytes("leaf"))
            return EventBody.encode(try EventBody.decode(bytes, leaf: leaf).map(Array.init))
        },
        Subject(structure: "wrapped_key") { bytes, _ in
            try WrappedKey(decoding: bytes).encoded()
        },
        Subject(structure: "wrapped_twk") { bytes, _ in
            try WrappedTWK(decoding: bytes).encoded()
        },
        Subject(structure: "tenant_head") { bytes, _ in
            try TenantHead(decoding: bytes).encoded()
        },
        Subject(structure: "round_record") { bytes, _ in
            try RoundRecord(decoding: bytes).encoded()
        },
        Subject(structure: "approval") { bytes, _ in
            try Approval(decoding: bytes).encoded()
        },
        Subject(structure: "passkey_approval") { bytes, _ in
            try Approval(decoding: bytes).encoded()
        },
        Subject(structure: "request_subject", key: "padded") { bytes, _ in
            RequestSubject.encode(try RequestSubject.decode(bytes))
        },
        Subject(structure: "tenant_name", key: "padded") { bytes, _ in
            TenantName.encode(try TenantName.decode(bytes))
        },
    ]

    @Test("20,000 mutations are refused or written again the same", arguments: subjects)
    func mutations(_ subject: Subject) throws {
        let vectors = try VectorFile(subject.structure).vectors.map {
            (entry: $0, bytes: try $0.bytes(subject.key))
        }
        var accepted = 0
        for seed in 0..<20_000 as Range<UInt64> {
            var random = ByteMutator(seed: seed)
            let vector = try #require(vectors.randomElement(using: &random))
            let mutation = random.mutated(vector.bytes)
            do {
                guard try subject.rewrite(mutation, vector.entry) != mutation else {
                    accepted += 1
                    continue
                }
                Issue.record("\(vector.entry), seed \(seed): written again as other bytes")
            } catch is FormatError {
                continue
            } catch {
                Issue.record("\(vector.entry), seed \(seed): \(error)")
            }
        }
        // Neither all nor next to none, or the mutations would not be worth much.
        #expect((20..<19_000).contains(accepted), "\(subject.structure): \(accepted)")
    }
}
