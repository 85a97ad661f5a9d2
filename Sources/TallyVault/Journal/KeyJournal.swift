// The key journal: every new key is on a second device before it seals anything, so that losing
// the key store loses no key, not even one made a second ago.

internal import Glibc
internal import Synchronization
package import TallyCore

/// An append-only file an epoch, shared by all processes under `flock`.
package struct KeyJournal: Sendable {
    let directory: String
    let ledger: LedgerID
    private let walked = WalkedFiles()

    /// Uses, and if need be creates, the journal's directory.
    ///
    /// - Throws: `journal` when the directory cannot be made.
    package init(directory: String, ledger: LedgerID) throws(VaultError) {
        self.directory = directory
        self.ledger = ledger
        do throws(VaultError) {
            try DurableFile.createDirectory(directory)
        } catch {
            throw VaultError(.journal, error.message)
        }
    }

    /// Appends records and returns when they are on the device.
    ///
    /// A record that a crash left torn at the end is cut off first, so what follows stays
    /// readable. A file that is damaged otherwise is left as it is.
    /// - Throws: `journal` when that cannot be promised; the keys must not be used then.
    package func append(_ records: [JournalRecord], epoch: UInt64) throws(VaultError) {
        do throws(VaultError) {
            try withFile(epoch) { (descriptor, path) throws(VaultError) in
                let end = try cutTornEnd(descriptor, path)
                let bytes = records.flatMap { $0.encoded() }
                try DurableFile.append(bytes, to: descriptor, path: path)
                walked.set(end + bytes.count, Self.file(descriptor))
            }
        } catch {
            throw VaultError(.journal, "the key journal refused new keys: \(error.message)")
        }
    }

    /// Reads the records of an epoch but for a torn last one.
    ///
    /// - Throws: `journal` when the file is damaged otherwise or too large to be read.
    package func records(epoch: UInt64) throws(VaultError) -> [JournalRecord] {
        let path = path(epoch)
        let limit = VaultLimits.journalBytes
        guard let bytes = try DurableFile.read(path, limit: limit + 1) else { return [] }
        guard bytes.count <= limit else {
            throw VaultError(.journal, "\(path) has more than \(limit) bytes")
        }
        var records: [JournalRecord] = []
        var rest = bytes[...]
        while let next = JournalRecord.read(rest) {
            records.append(next.record)
            rest = rest.dropFirst(next.byteCount)
        }
        try Self.requireTorn(rest, at: bytes.count - rest.count, path)
        return records
    }

    func path(_ epoch: UInt64) -> String {
        "\(directory)/\(EpochFile.name(ledger: ledger, epoch: epoch)).journal"
    }

    private func withFile(
        _ epoch: UInt64,
        _ body: (Int32, String) throws(VaultError) -> Void
    ) throws(VaultError) {
        let path = path(epoch)
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DurableFile.failure("open", path) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw DurableFile.failure("lock", path) }
        if lseek(descriptor, 0, SEEK_END) == 0 { try DurableFile.syncDirectory(of: path) }
        try body(descriptor, path)
    }

    /// Gives where the whole records end; a torn one behind them is cut off, and what no crash
    /// leaves behind is not.
    private func cutTornEnd(_ descriptor: Int32, _ path: String) throws(VaultError) -> Int {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        let known = walked.end(Self.file(descriptor), within: size)
        guard try walk(descriptor, path, from: known, to: size) < size else { return size }
        // Before anything is cut off the whole file is looked at.
        let good = try walk(descriptor, path, from: 0, to: size)
        guard good < size else { return size }
        guard size - good <= JournalRecord.byteCountLimit else {
            throw VaultError(.journal, "\(path) is damaged at byte \(good)")
        }
        let end = try DurableFile.read(descriptor, from: good, count: size - good, path: path)
        try Self.requireTorn(end[...], at: good, path)
        guard ftruncate(descriptor, off_t(good)) == 0 else {
            throw DurableFile.failure("truncate", path)
        }
        return good
    }

    /// Walks whole records a window at a time; gives where they end.
    private func walk(
        _ descriptor: Int32,
        _ path: String,
        from start: Int,
        to size: Int
    ) throws(VaultError) -> Int {
        var good = start
        while good < size {
            let window = try DurableFile.read(descriptor, from: good, count: 65536, path: path)
            let used = Self.wholeRecords(window[...])
            guard used > 0 else { break }
            good += used
        }
        return good
    }

    private static func file(_ descriptor: Int32) -> UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    private static func requireTorn(
        _ end: ArraySlice<UInt8>,
        at offset: Int,
        _ path: String
    ) throws(VaultError) {
        do throws(FormatError) {
            try JournalRecord.requireTorn(end)
        } catch {
            throw VaultError(.journal, "\(path) is damaged at byte \(offset): \(error)")
        }
    }

    private static func wholeRecords(_ bytes: ArraySlice<UInt8>) -> Int {
        var rest = bytes
        while let next = JournalRecord.read(rest) { rest = rest.dropFirst(next.byteCount) }
        return bytes.count - rest.count
    }
}

/// Up to where this process has seen whole records in each file, by inode: an append reads what
/// others have added since, and not the journal from its beginning.
private final class WalkedFiles: Sendable {
    private let ends = Mutex<[UInt64: Int]>([:])

    func end(_ file: UInt64, within size: Int) -> Int {
        let end = ends.withLock { $0[file] ?? 0 }
        return end <= size ? end : 0
    }

    func set(_ end: Int, _ file: UInt64) {
        ends.withLock { $0[file] = end }
    }
}
