// Whole journals against journal_file.json: a torn last record is ignored and cut off by the next
// append, any other damage is refused and left as it is.

import TallyCore
import TallyTesting
import Testing

@testable import TallyVault

/// The files of the key journal.
@Suite struct KeyJournalTests {
    private let ledger = LedgerID.random()
    private let directory: ScratchDirectory
    private let journal: KeyJournal
    private var file: String { "\(ledger.hex)-00000000000000000007.journal" }

    /// Makes a journal without a file.
    init() throws {
        directory = try ScratchDirectory()
        journal = try KeyJournal(directory: directory.path, ledger: ledger)
    }

    @Test("a journal has the vector's records", arguments: try VectorFile("journal_file").vectors)
    func reads(_ vector: VectorEntry) throws {
        try directory.write(vector.bytes("bytes"), as: file)
        let records = try journal.records(epoch: 7).map { $0.encoded() }
        #expect(records == (try vector.fields.byteLists("records")))
    }

    @Test("an append cuts off what is torn", arguments: try VectorFile("journal_file").vectors)
    func appends(_ vector: VectorEntry) throws {
        let bytes = try vector.bytes("bytes")
        try directory.write(bytes, as: file)
        let added = try Self.records()
        try journal.append(added, epoch: 7)
        let kept = bytes.dropLast(try vector.integer("torn"))
        #expect(try directory.read(file) == kept + added.flatMap { $0.encoded() })
        #expect(try journal.records(epoch: 7).suffix(added.count) == added[...])
    }

    @Test("a damaged journal is refused", arguments: try VectorFile("journal_file").malformed)
    func refuses(_ entry: VectorEntry) throws {
        let bytes = try entry.bytes("bytes")
        try directory.write(bytes, as: file)
        let refusal = VaultError(.journal, "")
        let error = #expect(throws: refusal) { try journal.records(epoch: 7) }
        #expect(error?.message.hasSuffix(try entry.text("code")) == true)
        #expect(throws: refusal) { try journal.append(Self.records(), epoch: 7) }
        #expect(try directory.read(file) == bytes)
        var rest = bytes[...]
        while let next = JournalRecord.read(rest) { rest = rest.dropFirst(next.byteCount) }
        let fault = #expect(throws: FormatError.self) { try JournalRecord.requireTorn(rest) }
        #expect(fault?.code.rawValue == (try entry.text("code")))
    }

    @Test("a journal cut anywhere keeps the records before the cut")
    func cuts() throws {
        let records = try Self.records()
        let bytes = records.flatMap { $0.encoded() }
        let ends = records.indices.map { records[...$0].reduce(0) { $0 + $1.encoded().count } }
        for count in stride(from: 0, through: bytes.count, by: 7) {
            try directory.write(Array(bytes.prefix(count)), as: file)
            let whole = ends.filter { $0 <= count }.count
            guard whole > 0 || count == 0 else {
                #expect(throws: VaultError(.journal, "")) { try journal.records(epoch: 7) }
                continue
            }
            #expect(try journal.records(epoch: 7) == Array(records.prefix(whole)))
        }
    }

    @Test("an append refuses to cut off more than one record", arguments: [0x80, 0xFF] as [UInt8])
    func damagedLength(byte: UInt8) throws {
        let records = try Self.records()
        var bytes = (0..<4).flatMap { _ in records.flatMap { $0.encoded() } }
        // The first record now announces more than there is: as if the journal ended in it.
        bytes[0] = byte
        try directory.write(bytes, as: file)
        #expect(throws: VaultError(.journal, "")) { try journal.append(records, epoch: 7) }
        #expect(try directory.read(file) == bytes)
    }

    @Test("a journal of many records is appended to, which reads it a window at a time")
    func windows() throws {
        let records = try Self.records()
        let many = (0..<200).flatMap { _ in records }
        try journal.append(many, epoch: 7)
        let torn = try #require(records.last).encoded().dropLast()
        try directory.write(try directory.read(file) + torn, as: file)
        try journal.append(records, epoch: 7)
        #expect(try journal.records(epoch: 7) == many + records)
    }

    @Test(
        "a journal of any size is read, and a window of it is in memory",
        arguments: [2048, 5000]
    )
    func smallWindows(window: Int) throws {
        let records = try (0..<300).flatMap { _ in try Self.records() }
        try journal.append(records, epoch: 7)
        let torn = try #require(records.last).encoded().dropLast()
        try directory.write(try directory.read(file) + torn, as: file)
        let reader = try #require(try journal.reader(epoch: 7, window: window))
        var found: [JournalRecord] = []
        while let next = try reader.next() {
            #expect(next.reduce(0) { $0 + $1.encoded().count } <= window)
            found += next
        }
        #expect(found == records)
    }

    @Test("an epoch without a file has no records")
    func missing() throws {
        #expect(try journal.records(epoch: 8).isEmpty)
    }

    private static func records() throws -> [JournalRecord] {
        try VectorFile("journal").vectors.map { try JournalRecord(decoding: $0.bytes("bytes")) }
    }
}
