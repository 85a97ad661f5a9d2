// A journal's file lives as long as its epoch.

internal import Glibc
internal import TallyCore

extension KeyJournal {
    /// The epochs that have a file, oldest first.
    func epochs() throws(VaultError) -> [UInt64] {
        let (prefix, suffix) = ("\(ledger.hex)-", ".journal")
        let names = try Self.named { () throws(VaultError) in try KeyDirectory(directory).names() }
        return names.compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
            return UInt64(name.dropFirst(prefix.count).dropLast(suffix.count))
        }.filter(VaultLimits.epochs.contains).sorted()
    }

    /// A pass over the records of an epoch; `nil` when it has no file.
    ///
    /// - Throws: `journal` for a file that is not ours.
    func reader(
        epoch: UInt64,
        window: Int = VaultLimits.journalWindow
    ) throws(VaultError) -> JournalReader? {
        try Self.named { () throws(VaultError) in
            let found = try KeyDirectory(directory).open(name(epoch), O_RDONLY)
            guard let file = found else { return nil }
            return try JournalReader(owning: file, path(epoch), window: window)
        }
    }

    /// All records of an epoch at once but for a torn last one; none when it has no file.
    ///
    /// - Throws: `journal` when the file is damaged otherwise.
    package func records(epoch: UInt64) throws(VaultError) -> [JournalRecord] {
        guard let reader = try reader(epoch: epoch) else { return [] }
        var records: [JournalRecord] = []
        while let next = try reader.next() { records += next }
        return records
    }

    /// Removes the file of an epoch whose KEK is gone: nothing in it can be opened any more.
    func remove(epoch: UInt64) throws(VaultError) {
        try Self.named { () throws(VaultError) in
            try KeyDirectory(directory).remove(name(epoch))
        }
    }
}
