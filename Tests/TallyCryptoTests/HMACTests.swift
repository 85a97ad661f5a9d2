// HMAC-SHA-256 against RFC 4231. Keys here have 32 bytes, and HMAC makes that of others itself:
// it fills a short key with zeros, and hashes one that is longer than a block of 64 bytes.

import TallyCrypto
import Testing

/// The code behind blind tags and ids of events.
@Suite struct HMACTests {
    @Test("a published message has its published code", arguments: HMACVector.published)
    func published(_ vector: HMACVector) throws {
        let key = try Self.key(vector.key)
        #expect(key.authenticate(vector.data).hex.prefix(vector.code.count) == vector.code)
        #expect(key.authenticate(vector.data).hex.hasPrefix(vector.code), "used again")
    }

    @Test("one key serves many tasks at a time")
    func sharing() async throws {
        let key = try Self.key(SecureRandom.bytes(32))
        let expected = (0..<64).map { key.authenticate([$0]) }
        await withTaskGroup(of: (Int, Digest).self) { group in
            for number in 0..<1024 {
                group.addTask { (number % 64, key.authenticate([UInt8(number % 64)])) }
            }
            for await (number, code) in group { #expect(code == expected[number]) }
        }
    }

    private static func key(_ bytes: [UInt8]) throws -> HMACKey {
        var bytes = bytes.count > 64 ? SHA256.hash(bytes).bytes : bytes
        bytes += [UInt8](repeating: 0, count: SecretBytes.byteCount - bytes.count)
        return try HMACKey(SecretBytes(consuming: &bytes))
    }
}
