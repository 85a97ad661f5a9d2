// Whose files are used: those that are ours alone, and no others, whatever somebody puts in their
// place. What is put there is left as it was.

import Foundation
import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Testing

/// What stands where a file of keys belongs.
enum Impostor: CaseIterable, Sendable {
    case link, danglingLink, pipe, directory, readableByGroup, writableByOthers, text

    /// Puts it there.
    func put(at path: String, decoy: String) throws {
        switch self {
        case .link: #expect(symlink(decoy, path) == 0)
        case .danglingLink: #expect(symlink(decoy + "-none", path) == 0)
        case .pipe: #expect(mkfifo(path, 0o600) == 0)
        case .directory: #expect(mkdir(path, 0o700) == 0)
        case .readableByGroup, .writableByOthers, .text:
            try Self.decoy.write(toFile: path, atomically: false, encoding: .utf8)
            #expect(chmod(path, mode) == 0)
        }
    }

    static let decoy = "decoy:x:0:0\nimportant: 1\n"

    private var mode: mode_t {
        switch self {
        case .readableByGroup: 0o640
        case .writableByOthers: 0o602
        default: 0o600
        }
    }
}

@Suite struct KeyFileTests {
    private let scratch: ScratchDirectory
    private let ledger = LedgerID.random()
    private var stem: String { "\(ledger.hex)-00000000000000000001" }
    private var decoy: String { "\(scratch.path)/decoy" }

    init() throws {
        scratch = try ScratchDirectory()
        try scratch.write(Array(Impostor.decoy.utf8), as: "decoy")
    }

    private func expectUntouched() throws {
        #expect(try scratch.read("decoy") == Array(Impostor.decoy.utf8))
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(!names.contains("decoy-none"))
    }

    @Test(arguments: Impostor.allCases)
    func aJournalIsNeverWrittenThroughAnImpostor(impostor: Impostor) throws {
        let journal = try KeyJournal(directory: "\(scratch.path)/journal", ledger: ledger)
        let path = "\(scratch.path)/journal/\(stem).journal"
        try impostor.put(at: path, decoy: decoy)
        let records = try VectorFile("journal").vectors.map {
            try JournalRecord(decoding: $0.bytes("bytes"))
        }
        let error = #expect(throws: VaultError(.journal, "")) {
            try journal.append(records, epoch: 1)
        }
        #expect(error?.message.contains(path) == true && error?.hint != nil)
        #expect(throws: VaultError(.journal, "")) { try journal.records(epoch: 1) }
        try expectUntouched()
        if case .text = impostor {
            #expect(try scratch.read("journal/\(stem).journal") == Array(Impostor.decoy.utf8))
        }
    }

    @Test(arguments: Impostor.allCases)
    func aKEKIsNeitherReadNorDestroyedThroughAnImpostor(impostor: Impostor) async throws {
        let provider = try FileKEKProvider(directory: "\(scratch.path)/kek", ledger: ledger)
        try impostor.put(at: "\(scratch.path)/kek/\(stem).kek", decoy: decoy)
        await #expect(throws: VaultError.self) {
            try await provider.wrap(SecretKey.random(), epoch: 1, context: [])
        }
        await #expect(throws: VaultError.self) { try await provider.create(epoch: 1) }
        _ = try? await provider.destroy(epoch: 1)
        try expectUntouched()
    }

    @Test(arguments: Impostor.allCases.filter { $0 != .text })
    func aTokenIsNotReadFromAnImpostor(impostor: Impostor) async throws {
        let path = "\(scratch.path)/token"
        try impostor.put(at: path, decoy: decoy)
        let provider = try OpenBaoTransitKEKProvider(
            address: "http://127.0.0.1:1",
            mount: "transit",
            tokenFile: path,
            ledger: ledger
        )
        let error = await #expect(throws: VaultError(.provider, "")) {
            try await provider.state(epoch: 1)
        }
        #expect(error?.message.contains(path) == true)
        #expect(error?.message.contains("decoy:x") == false)
    }

    @Test func aJournalWithASecondNameIsNotWritten() throws {
        let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
        let records = try VectorFile("journal").vectors.map {
            try JournalRecord(decoding: $0.bytes("bytes"))
        }
        try journal.append(records, epoch: 1)
        #expect(link("\(scratch.path)/\(stem).journal", "\(scratch.path)/copy") == 0)
        #expect(throws: VaultError(.journal, "")) { try journal.append(records, epoch: 1) }
        #expect(unlink("\(scratch.path)/copy") == 0)
        try journal.append(records, epoch: 1)
        #expect(try journal.records(epoch: 1) == records + records)
    }

    @Test func aTextBehindWholeRecordsIsNoTornRecord() throws {
        let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
        let records = try VectorFile("journal").vectors.map {
            try JournalRecord(decoding: $0.bytes("bytes"))
        }
        try journal.append(records, epoch: 1)
        let name = "\(stem).journal"
        let bytes = try scratch.read(name) + Array(Impostor.decoy.utf8)
        try scratch.write(bytes, as: name)
        #expect(throws: VaultError(.journal, "")) { try journal.append(records, epoch: 1) }
        #expect(try scratch.read(name) == bytes)
    }

    @Test func aDirectoryThatOthersMayWriteToIsRefused() async throws {
        #expect(chmod(scratch.path, 0o770) == 0)
        let provider = try FileKEKProvider(directory: scratch.path, ledger: ledger)
        await #expect(throws: VaultError(.provider, "")) { try await provider.create(epoch: 1) }
        let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
        #expect(throws: VaultError(.journal, "")) { try journal.records(epoch: 1) }
        #expect(chmod(scratch.path, 0o750) == 0)
        try await provider.create(epoch: 1)
    }

    @Test func aKEKThatWasThereBeforeIsNotAdopted() async throws {
        let provider = try FileKEKProvider(directory: scratch.path, ledger: ledger)
        try scratch.write([UInt8](repeating: 7, count: 32), as: "\(stem).kek")
        await #expect(throws: VaultError(.foreignKEK, "")) { try await provider.create(epoch: 1) }
        // Nor with the proof of another one beside it.
        try scratch.write([UInt8](repeating: 7, count: 32), as: "\(stem).made")
        await #expect(throws: VaultError(.foreignKEK, "")) { try await provider.create(epoch: 1) }
        #expect(try scratch.read("\(stem).kek") == [UInt8](repeating: 7, count: 32))
        // A creation that died before the KEK was there goes on.
        try FileManager.default.removeItem(atPath: "\(scratch.path)/\(stem).kek")
        try await provider.create(epoch: 1)
        try await provider.create(epoch: 1)
    }
}
