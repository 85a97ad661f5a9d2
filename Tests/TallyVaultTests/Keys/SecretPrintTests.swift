// Keys are never printed: whatever way a value that holds one is shown, none of its bytes is in
// the text. SecretBytes cannot even be tried: it is not copyable, so no such call compiles.

import Foundation
import TallyCore
import TallyCrypto
import TallyVault
import Testing

@Suite struct SecretPrintTests {
    private let bytes: [UInt8]
    private let key: SecretKey

    init() throws {
        bytes = (0..<32).map { _ in UInt8.random(in: 128...255) }
        var consumed = bytes
        key = try SecretKey(SecretBytes(consuming: &consumed))
        #expect(consumed == [UInt8](repeating: 0, count: 32), "what a key was made of is zeroed")
    }

    @Test func theTestWouldFindABytesPrint() {
        #expect(shows(bytes))
        #expect(shows(Data(bytes).base64EncodedString()))
        #expect(shows(Hex.encode(bytes)))
        #expect(!shows(key.id))
    }

    @Test func aKeyShowsNoneOfItsBytes() throws {
        #expect(!shows(key))
        #expect(!shows([key]))
        #expect(!shows(["key": key]))
        #expect(!shows(Optional(key) as Any))
        #expect(!shows(Result<SecretKey, VaultError>.success(key)))
        #expect(!shows((key, key.id)))
    }

    @Test func whatHoldsAKeyShowsNoneOfItsBytes() async throws {
        #expect(!shows(KeyFinding.live(key, .data)))
        #expect(!shows(try key.makeHMACKey()))
        #expect(!shows(try IndexKey(key)))
        let parent = try SecretKey.random()
        let place = KeyPlace(ledger: .random(), tenant: .random(), kind: .data)
        #expect(!shows(try WrappedKey(wrapping: key, under: parent, place: place)))
        let provider = InMemoryKEKProvider()
        try await provider.create(epoch: 1)
        #expect(!shows(provider))
        #expect(!shows(try await provider.wrap(key, epoch: 1, context: [])))
    }

    @Test func anErrorAboutAKeyShowsNoneOfItsBytes() async throws {
        var short = Array(bytes.prefix(31))
        let length = #expect(throws: CryptoError.self) { _ = try SecretBytes(consuming: &short) }
        #expect(!shows(length as Any))
        let provider = InMemoryKEKProvider()
        let missing = await #expect(throws: VaultError.self) {
            try await provider.wrap(key, epoch: 1, context: bytes)
        }
        #expect(!shows(missing as Any))
    }

    /// Whether any way of showing a value shows four bytes of the key in a row.
    private func shows(_ value: some Any) -> Bool {
        var dumped = ""
        dump(value, to: &dumped)
        let texts = [
            dumped, "\(value)", String(describing: value), String(reflecting: value),
            "\(Mirror(reflecting: value).children.map { ($0.label, $0.value) })",
        ]
        let base64 = Data(bytes).base64EncodedString()
        return texts.contains { text in
            let plain = text.filter { !$0.isWhitespace && $0 != "-" }.lowercased()
            return (0..<28).contains { start in
                let four = Array(bytes[start..<start + 4])
                return plain.contains(Hex.encode(four))
                    || plain.contains(four.map { "\($0)" }.joined(separator: ","))
                    || plain.contains(four.map { "\($0)" }.joined())
            } || text.contains(base64.prefix(40))
        }
    }
}
