// KEKs in files, against file_kek_blob.json and the wraps in wrapped_twk.json.
// The vectors' KEKs are written where the provider looks for those of an epoch.

import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Testing

/// The provider whose KEKs are files.
@Suite struct FileKEKProviderTests {
    private let ledger = LedgerID.random()
    private let directory: ScratchDirectory
    private let provider: FileKEKProvider

    /// Makes a provider without a KEK.
    init() throws {
        directory = try ScratchDirectory()
        provider = try FileKEKProvider(directory: directory.path, ledger: ledger)
    }

    @Test("a blob unwraps to the vector's key", arguments: try VectorFile("file_kek_blob").vectors)
    func unwraps(_ vector: VectorEntry) async throws {
        let fields = try vector.fields
        try directory.write(fields.bytes("kek"), as: "\(ledger.hex)-00000000000000000042.kek")
        let blob = try vector.bytes("bytes")
        #expect(blob == (try fields.bytes("nonce") + fields.bytes("ciphertext_and_tag")))
        let context = try fields.bytes("context")
        let twk = try await provider.unwrap(blob, epoch: 42, context: context)
        #expect(twk.withBytes { [UInt8]($0) } == (try fields.bytes("twk")))
        let wrongKEK = VaultError(.wrongKEK, "")
        await #expect(throws: wrongKEK) {
            try await provider.unwrap(blob, epoch: 42, context: context + [0])
        }
        await #expect(throws: wrongKEK) {
            try await provider.unwrap(blob, epoch: 43, context: context)
        }
    }

    @Test("a wrapped TWK unwraps", arguments: try Self.wrapsOfFiles())
    func unwrapsTWK(_ vector: VectorEntry) async throws {
        let fields = try vector.fields
        let ledger: LedgerID = try fields.identifier("ledger_id")
        let wrapped = try WrappedTWK(decoding: vector.bytes("bytes"))
        let digits = String(wrapped.epoch)
        let epoch = String(repeating: "0", count: 20 - digits.count) + digits
        try directory.write(fields.bytes("kek"), as: "\(ledger.hex)-\(epoch).kek")
        let provider = try FileKEKProvider(directory: directory.path, ledger: ledger)
        let context = try WrappedTWK.context(
            ledger: ledger,
            tenant: fields.identifier("tenant"),
            epoch: wrapped.epoch,
            twkID: wrapped.twkID
        )
        let twk = try await provider.unwrap(wrapped.blob, epoch: wrapped.epoch, context: context)
        #expect(twk.id == wrapped.twkID)
        #expect(twk.id == (try fields.secretKey("twk").id))
    }

    @Test("a malformed blob is refused", arguments: try VectorFile("file_kek_blob").malformed)
    func refuses(_ entry: VectorEntry) async throws {
        let vector = try #require(VectorFile("file_kek_blob").vectors.first).fields
        try directory.write(vector.bytes("kek"), as: "\(ledger.hex)-00000000000000000001.kek")
        let blob = try entry.bytes("bytes")
        let context = try vector.bytes("context")
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await provider.unwrap(blob, epoch: 1, context: context)
        }
    }

    @Test("what the provider wraps has 60 bytes and unwraps", arguments: [1, .max] as [UInt64])
    func wraps(epoch: UInt64) async throws {
        try await provider.create(epoch: epoch)
        let key = try SecretKey.random()
        let blob = try await provider.wrap(key, epoch: epoch, context: [1, 2, 3])
        #expect(blob.count == 60)
        let again = try await provider.unwrap(blob, epoch: epoch, context: [1, 2, 3])
        #expect(again.id == key.id)
        let other = try await provider.wrap(key, epoch: epoch, context: [1, 2, 3])
        #expect(other != blob)
    }

    @Test("a file of another length is no KEK", arguments: [0, 31, 33, 1000])
    func lengths(count: Int) async throws {
        let kek = [UInt8](repeating: 7, count: count)
        try directory.write(kek, as: "\(ledger.hex)-00000000000000000001.kek")
        let key = try SecretKey.random()
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await provider.wrap(key, epoch: 1, context: [])
        }
    }

    private static func wrapsOfFiles() throws -> [VectorEntry] {
        try VectorFile("wrapped_twk").vectors.filter { try $0.fields.has("kek") }
    }
}
