// Words of the dictionary, against word.json.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@testable import TallyReplay

@Suite struct TrailWordVectorTests {
    @Test("a word is sealed as the vector's", arguments: try VectorFile("word").vectors)
    func seals(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let label = try #require(TrailWord.Label(rawValue: fields.integer("label")))
        let word = TrailWord(label, try fields.text("word"))
        #expect(word.encoded() == (try vector.bytes("padded")))
        #expect(try TrailWord(decoding: vector.bytes("padded")) == word)
        let tag = word.tag(try IndexKey(fields.secretKey("index_key")))
        #expect(tag.bytes == (try vector.bytes("tag")))
        let key = try fields.secretKey("key")
        let associated = TrailWord.associated(
            ledger: try fields.identifier("ledger_id"),
            tenant: try fields.identifier("tenant"),
            tag: tag,
            keyID: key.id
        )
        #expect(associated == (try vector.bytes("aad")))
        let part = try SealedPart(
            sealing: word.encoded(),
            under: key,
            associated: associated,
            nonce: fields.bytes("nonce")
        )
        #expect(part.encoded() == (try vector.bytes("bytes")))
    }

    @Test("a malformed word is refused", arguments: try VectorFile("word").malformed)
    func refuses(_ entry: VectorEntry) throws {
        let error = #expect(throws: FormatError.self, "\(entry)") {
            try TrailWord(decoding: entry.bytes("bytes"))
        }
        #expect(try error?.code.rawValue == entry.text("code"), "\(entry)")
    }
}
