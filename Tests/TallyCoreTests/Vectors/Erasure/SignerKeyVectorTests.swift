// The public keys of those who decide, against signer_key.json.

import TallyCore
import TallyTesting
import Testing

/// Which bytes are a key, and of which anybody could sign.
@Suite struct SignerKeyVectorTests {
    @Test("a key is taken as the vector says", arguments: try VectorFile("signer_key").vectors)
    func takes(_ vector: VectorEntry) throws {
        let bytes = try vector.fields.bytes("public_key")
        let key = SignerKey(bytes)
        #expect(try (key != nil) == vector.flag("form"))
        #expect(try (key?.isPoint ?? false) == vector.flag("usable"))
        #expect(key.map(\.bytes) ?? bytes == bytes)
    }
}
