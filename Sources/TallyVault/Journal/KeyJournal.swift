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
        try Self.named { () throws(VaultError) in try KeyDirectory.make(directory) }
    }

    /// Appends records and returns when they are on the device.
    ///
    /// A record that a crash left torn at the end is cut off first, so what follows stays
    /// readable. A file that is damaged otherwise, or is no journal, is left as it is.
    /// - Throws: `journal` when that cannot be promised; the keys must not be used then.
    package func append(_ records: [JournalRecord], epoch: UInt64) throws(VaultError) {
        let bytes = records.flatMap { $0.encoded() }
        try Self.named("the key journal refused new keys: ") { () throws(VaultError) in
            let folder = try KeyDirectory(directory)
            let name = name(epoch)
            // A journal is born with its first records, so an end of ours has whole ones before it.
            if try !folder.has(name), try folder.create(name, content: bytes) { return }
            guard let file = try folder.open(name, O_RDWR | O_APPEND) else {
                throw Self.removed(path(epoch))
            }
            defer { close(file) }
            try append(bytes, to: file, path(epoch))
        }
    }

    private func append(
        _ bytes: [UInt8],
        to file: Int32,
        _ path: String
    ) throws(VaultError) {
        try DurableFile.lock(file, path: path)
        try Self.requireOneName(file, path)
        let end = try cutTornEnd(file, path)
        try DurableFile.append(bytes, to: file, path: path)
        walked.set(end + bytes.count, UInt64(try KeyFile.status(file, path).st_ino))
    }

    func path(_ epoch: UInt64) -> String { "\(directory)/\(name(epoch))" }

    func name(_ epoch: UInt64) -> String {
        EpochFile.name(ledger: ledger, epoch: epoch) + ".journal"
    }

    /// Runs `body`, whose failures are those of the journal.
    static func named<Value>(
        _ what: String = "",
        _ body: () throws(VaultError) -> Value
    ) throws(VaultError) -> Value {
        do throws(VaultError) {
            return try body()
        } catch {
            throw VaultError(.journal, what + error.message, hint: error.hint)
        }
    }

    /// Requires that the file has its one name: under another it would outlive its epoch, and what
    /// is under none is gone already.
    private static func requireOneName(_ file: Int32, _ path: String) throws(VaultError) {
        let names = try KeyFile.status(file, path).st_nlink
        guard names > 0 else { throw removed(path) }
        guard names == 1 else {
            throw VaultError(
                .journal,
                "\(path) has \(names) names (hard links)",
                hint: "remove the others: under them its keys would outlive their epoch"
            )
        }
    }

    private static func removed(_ path: String) -> VaultError {
        VaultError(.journal, "\(path) was removed meanwhile", hint: "try again")
    }

    /// Gives where the whole records end; a torn one behind them is cut off, and what no crash
    /// leaves behind is not.
    private func cutTornEnd(_ file: Int32, _ path: String) throws(VaultError) -> Int {
        let status = try KeyFile.status(file, path)
        let size = Int(status.st_size)
        let known = walked.end(UInt64(status.st_ino), within: size)
        guard try walk(file, path, from: known, to: size) < size else { return size }
        // Before anything is cut off the whole file is looked at.
        let good = try walk(file, path, from: 0, to: size)
        guard good < size else { return size }
        try JournalReader.requireTornEnd(file, path, from: good, to: size)
        guard ftruncate(file, off_t(good)) == 0 else {
            throw DurableFile.failure("truncate", path)
        }
        return good
    }

    /// Walks whole records a window at a time; gives where they end.
    private func walk(
        _ file: Int32,
        _ path: String,
        from start: Int,
        to size: Int
    ) throws(VaultError) -> Int {
        let reader = JournalReader(file, path, from: start, to: size)
        while try reader.advance() {}
        return reader.offset
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
