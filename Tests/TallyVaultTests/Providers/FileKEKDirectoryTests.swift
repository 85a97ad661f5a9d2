// What the file provider leaves on the disk: files for their owner only, no bytes of a destroyed
// KEK, and nothing that a crash in the middle of a destruction could bring back.

import Foundation
import TallyCore
import TallyCrypto
import TallyVault
import Testing

@Suite struct FileKEKDirectoryTests {
    private let scratch: ScratchDirectory
    private let directory: String
    private let ledger = LedgerID.random()

    init() throws {
        scratch = try ScratchDirectory()
        directory = "\(scratch.path)/kek"
    }

    private func provider() throws -> FileKEKProvider {
        try FileKEKProvider(directory: directory, ledger: ledger)
    }

    private var stem: String { "\(ledger.hex)-00000000000000000001" }

    @Test func onlyTheOwnerMayEnterAndRead() async throws {
        try await provider().create(epoch: 1)
        #expect(try Self.permissions(directory) == 0o700)
        #expect(try Self.permissions("\(directory)/\(stem).kek") == 0o600)
        #expect(try Self.permissions("\(directory)/\(stem).made") == 0o600)
        #expect(try files() == ["\(stem).kek", "\(stem).made"])
    }

    @Test func everyProcessOfTheLedgerFindsTheKEKAndNoOtherLedgerDoes() async throws {
        try await provider().create(epoch: 1)
        let key = try SecretKey.random()
        let blob = try await provider().wrap(key, epoch: 1, context: [])
        #expect(try await provider().unwrap(blob, epoch: 1, context: []).id == key.id)
        let other = try FileKEKProvider(directory: directory, ledger: .random())
        #expect(try await other.state(epoch: 1) == .absent)
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await other.unwrap(blob, epoch: 1, context: [])
        }
    }

    @Test func aDestructionLeavesNoByteOfTheKEK() async throws {
        try await provider().create(epoch: 1)
        let kek = try scratch.read("kek/\(stem).kek")
        _ = try await provider().destroy(epoch: 1)
        #expect(try files() == ["\(stem).destroyed"])
        #expect(try scratch.read("kek/\(stem).destroyed").isEmpty)
        #expect(kek.count == 32)
    }

    @Test func aDestructionThatDiedHalfWayIsADestruction() async throws {
        try await provider().create(epoch: 1)
        let blob = try await provider().wrap(SecretKey.random(), epoch: 1, context: [])
        // As after a crash between the tombstone and the removal of the KEK.
        try scratch.write([], as: "kek/\(stem).destroyed")
        #expect(try await provider().state(epoch: 1) == .destroyed)
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await provider().unwrap(blob, epoch: 1, context: [])
        }
        await #expect(throws: VaultError(.epochDestroyed, "")) {
            try await provider().wrap(SecretKey.random(), epoch: 1, context: [])
        }
        _ = try await provider().destroy(epoch: 1)
        #expect(try files() == ["\(stem).destroyed"])
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() {
        let error = #expect(throws: VaultError(.provider, "")) {
            try FileKEKProvider(directory: "\(scratch.path)/no/such/place", ledger: ledger)
        }
        #expect(error?.message.contains("/no/such/place") == true)
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private static func permissions(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
