// The journal under many writers: the records of an append stay together, nobody's are lost, and
// whoever comes after a crash mends the end first.

import Foundation
import TallyCore
import TallyCrypto
import TallyVault
import Testing

@Suite struct JournalSharingTests {
    private let scratch: ScratchDirectory
    private let ledger = LedgerID.random()
    private let wrap: [UInt8]

    init() throws {
        scratch = try ScratchDirectory()
        let place = KeyPlace(ledger: ledger, tenant: .random(), kind: .data)
        wrap = try WrappedKey(
            wrapping: SecretKey.random(),
            under: SecretKey.random(),
            place: place
        ).encoded()
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func eightWritersAtOnceLoseNothingAndKeepTheirRecordsTogether(seed: UInt64) async throws {
        print("journal sharing: seed \(seed)")
        let tenants = (0..<8).map { _ in TenantID.random() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for tenant in tenants {
                group.addTask {
                    // Each has its own descriptor, as each process would.
                    let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
                    var size = seed
                    for step in 0..<25 {
                        size = size &* 6_364_136_223_846_793_005 &+ 1
                        let count = Int(size >> 33) % 9 + 1
                        let records = (0..<count).map { record(tenant, step, $0, count) }
                        try journal.append(records, epoch: 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
        try expectWhole(try journal.records(epoch: 1), tenants)
    }

    @Test func aTornEndIsMendedByWhicheverWriterComesNext() async throws {
        let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
        let tenant = TenantID.random()
        try journal.append([record(tenant, 0, 0, 1)], epoch: 1)
        let file = "\(ledger.hex)-00000000000000000001.journal"
        for step in 1...8 {
            let torn = record(tenant, 99, 0, 1).encoded().prefix(step * 9)
            try scratch.write(try scratch.read(file) + torn, as: file)
            #expect(try journal.records(epoch: 1).count == step)
            let next = try KeyJournal(directory: scratch.path, ledger: ledger)
            try next.append([record(tenant, step, 0, 1)], epoch: 1)
        }
        #expect(try journal.records(epoch: 1).map(\.createdAt) == (0...8).map { UInt64($0) })
    }

    @Test func aWriterThatKnewTheFileLooksAtAllOfItBeforeItCuts() throws {
        let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
        let other = try KeyJournal(directory: scratch.path, ledger: ledger)
        let file = "\(ledger.hex)-00000000000000000001.journal"
        for step in 0..<4 { try journal.append([record(.random(), step, 0, 1)], epoch: 1) }
        try other.append([record(.random(), 4, 0, 1)], epoch: 1)
        let whole = try scratch.read(file)
        let torn = record(.random(), 5, 0, 1).encoded().dropLast()
        // The end is torn, and the first record was damaged meanwhile: then nothing is cut.
        try scratch.overwrite(
            [whole[0], whole[1], whole[2], whole[3], 0xff] + whole[5...] + torn,
            file
        )
        let damaged = try scratch.read(file)
        #expect(throws: VaultError(.journal, "")) {
            try journal.append([record(.random(), 6, 0, 1)], epoch: 1)
        }
        #expect(try scratch.read(file) == damaged)
        // A shorter file than the one it knew, as after a restore.
        try scratch.overwrite(Array(whole.prefix(whole.count / 5 * 2)), file)
        try journal.append([record(.random(), 7, 0, 1)], epoch: 1)
        #expect(try journal.records(epoch: 1).map(\.createdAt) == [0, 1, 7])
    }

    @Test func eachEpochAndEachLedgerHasAFileOfItsOwn() throws {
        let journal = try KeyJournal(directory: scratch.path, ledger: ledger)
        let other = try KeyJournal(directory: scratch.path, ledger: .random())
        try journal.append([record(.random(), 1, 0, 1)], epoch: 1)
        try journal.append([record(.random(), 2, 0, 1)], epoch: 2)
        try other.append([record(.random(), 3, 0, 1)], epoch: 1)
        #expect(try journal.records(epoch: 1).map(\.createdAt) == [1])
        #expect(try journal.records(epoch: 2).map(\.createdAt) == [2])
        #expect(try other.records(epoch: 1).map(\.createdAt) == [3])
        #expect(try other.records(epoch: 2).isEmpty)
    }

    @Test func aJournalThatCannotBeWrittenIsRefusedWithItsPlace() throws {
        let error = #expect(throws: VaultError(.journal, "")) {
            try KeyJournal(directory: "\(scratch.path)/no/such/place", ledger: ledger)
        }
        #expect(error?.message.contains("/no/such/place") == true)
    }

    /// A record that says in which append it was, and how many were in it.
    private func record(
        _ tenant: TenantID,
        _ step: Int,
        _ number: Int,
        _ count: Int
    ) -> JournalRecord {
        JournalRecord(
            content: .key,
            tenant: tenant,
            retentionClass: "\(count)",
            generation: UInt32(number),
            createdAt: UInt64(step),
            wrapped: wrap
        )
    }

    private func expectWhole(_ records: [JournalRecord], _ tenants: [TenantID]) throws {
        var rest = records[...]
        var steps: [TenantID: [UInt64]] = [:]
        while let first = rest.first {
            let count = try #require(Int(first.retentionClass))
            let batch = rest.prefix(count)
            #expect(batch.map(\.generation) == (0..<count).map { UInt32($0) })
            #expect(batch.allSatisfy { $0.tenant == first.tenant })
            #expect(batch.allSatisfy { $0.createdAt == first.createdAt })
            steps[first.tenant, default: []].append(first.createdAt)
            rest = rest.dropFirst(count)
        }
        for tenant in tenants { #expect(steps[tenant] == (0..<25).map { UInt64($0) }) }
    }
}

extension ScratchDirectory {
    /// Gives a file other bytes and leaves it the same file.
    fileprivate func overwrite(_ bytes: [UInt8], _ name: String) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path).appending(path: name))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }
}
