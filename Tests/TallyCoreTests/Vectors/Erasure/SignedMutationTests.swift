// Random damage to what operators sign: a reader may accept the bytes, but nobody's signature.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Whatever of a signed thing changes, its signature does not hold any more.
@Suite struct SignedMutationTests {
    @Test("4,000 changed approvals are nobody's", arguments: ["approval", "passkey_approval"])
    func approvals(_ structure: String) throws {
        let vectors = try VectorFile(structure).vectors.filter { try $0.flag("signed") }
        var accepted = 0
        for seed in 0..<4_000 as Range<UInt64> {
            var random = ByteMutator(seed: seed)
            let vector = try #require(vectors.randomElement(using: &random))
            let bytes = try vector.bytes("bytes")
            let mutation = random.mutated(bytes)
            guard mutation != bytes, let read = try? Approval(decoding: mutation) else { continue }
            accepted += 1
            let key = try #require(try SignerKey(vector.fields.bytes("public_key")))
            #expect(!read.isSigned(by: key), "\(vector), seed \(seed)")
        }
        #expect(accepted > 100)
    }

    @Test("3,000 changed certificates are refused or fail a check")
    func certificates() throws {
        let text = try Self.soundText()
        let sound = try ErasureCertificate(decoding: text).encoded()
        var accepted = 0
        for seed in 0..<3_000 as Range<UInt64> {
            var random = ByteMutator(seed: seed)
            // Half of the damage is to hex digits, because most other damage is no JSON any more.
            let mutation =
                seed.isMultiple(of: 2) ? random.mutated(text) : Self.redigited(text, &random)
            guard let read = try? ErasureCertificate(decoding: mutation),
                read.encoded() != sound
            else { continue }
            accepted += 1
            let isNoticed = CertificateVerifier(read).checks().contains { !$0.passed }
            #expect(isNoticed, "seed \(seed)")
        }
        #expect(accepted > 100)
    }

    @Test("3,000 changed excerpts say nothing else")
    func excerpts() throws {
        let certificate = try ErasureCertificate(decoding: Self.soundText())
        let text = try #require(certificate.body["tenant_log"]).canonical()
        let facts = try Self.said(by: text)
        #expect(facts != nil)
        for seed in 0..<3_000 as Range<UInt64> {
            var random = ByteMutator(seed: seed)
            let mutation =
                seed.isMultiple(of: 2) ? random.mutated(text) : Self.redigited(text, &random)
            guard let found = try? Self.said(by: mutation) else { continue }
            #expect(found == facts, "seed \(seed)")
        }
    }

    /// Positions and contents of an excerpt's facts; `nil` when one of them is not proved.
    private static func said(by text: [UInt8]) throws -> [String]? {
        let json = try JSONReader.parse(text)
        guard let excerpt = LogExcerpt(json) else { return nil }
        #expect(excerpt.json == json)
        return excerpt.facts()?.map {
            String(
                decoding: Array("\($0.position) ".utf8) + JSONValue.object($0.content).canonical(),
                as: UTF8.self
            )
        }
    }

    private static func soundText() throws -> [UInt8] {
        let vector = try VectorFile("certificate").vectors.first { $0.name == "final" }
        return try Array(#require(vector).fields.text("text").utf8)
    }

    /// A text in which one digit is another one.
    private static func redigited(_ text: [UInt8], _ random: inout ByteMutator) -> [UInt8] {
        var text = text
        let digits = text.indices.filter { (48...57).contains(text[$0]) }
        guard let place = digits.randomElement(using: &random) else { return text }
        text[place] = 48 + (text[place] - 48 + UInt8.random(in: 1...9, using: &random)) % 10
        return text
    }
}
