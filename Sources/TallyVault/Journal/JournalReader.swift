// Reads a journal a window at a time, however large it is: what is in memory is one window.

internal import Glibc
internal import TallyCore

/// A pass over the records of one file, up to the size that it had at the beginning.
final class JournalReader {
    private let file: Int32
    private let path: String
    private let size: Int
    private let window: Int
    private let isOwner: Bool
    /// Where the whole records that were read end.
    private(set) var offset: Int

    /// Reads an open file, which stays open.
    init(
        _ file: Int32,
        _ path: String,
        from offset: Int,
        to size: Int,
        window: Int = VaultLimits.journalWindow
    ) {
        self.file = file
        self.path = path
        self.offset = offset
        self.size = size
        self.window = max(window, JournalRecord.byteCountLimit)
        isOwner = false
    }

    /// Reads a file that this reader closes.
    init(owning file: Int32, _ path: String, window: Int) throws(VaultError) {
        self.file = file
        self.path = path
        self.window = max(window, JournalRecord.byteCountLimit)
        offset = 0
        isOwner = true
        size = Int(try KeyFile.status(file, path).st_size)
    }

    deinit { if isOwner { close(file) } }

    /// The next records, at least one; `nil` at the end.
    ///
    /// - Throws: `journal` when what is left is neither a whole record nor a torn last one.
    func next() throws(VaultError) -> [JournalRecord]? {
        var records: [JournalRecord] = []
        guard try advance(each: { records.append($0) }) else {
            if offset < size { try Self.requireTornEnd(file, path, from: offset, to: size) }
            return nil
        }
        return records
    }

    /// Goes over the whole records of the next window; `false` when there is none.
    func advance(each: (JournalRecord) -> Void = { _ in }) throws(VaultError) -> Bool {
        guard offset < size else { return false }
        let count = min(window, size - offset)
        let bytes = try DurableFile.read(file, from: offset, count: count, path: path)
        var rest = bytes[...]
        while let next = JournalRecord.read(rest) {
            each(next.record)
            rest = rest.dropFirst(next.byteCount)
        }
        offset += bytes.count - rest.count
        return rest.count < bytes.count
    }

    /// Requires that a file ends in one torn record behind whole ones.
    static func requireTornEnd(
        _ file: Int32,
        _ path: String,
        from good: Int,
        to size: Int
    ) throws(VaultError) {
        let isOne = size - good <= JournalRecord.byteCountLimit
        let count = min(size - good, JournalRecord.byteCountLimit)
        let end = try DurableFile.read(file, from: good, count: count, path: path)
        do throws(FormatError) {
            guard isOne else { throw FormatError(.length, in: "JournalRecord") }
            try JournalRecord.requireTorn(end[...])
        } catch {
            throw VaultError(
                .journal,
                "\(path) is damaged at byte \(good): \(error)",
                hint: Self.remedy
            )
        }
        guard good > 0 else {
            throw VaultError(.journal, "\(path) has no whole record", hint: Self.remedy)
        }
    }

    private static let remedy: Remedy =
        "see whether it is a key journal at all; move it away and keep it, then \(.rotateKeys)"
}
