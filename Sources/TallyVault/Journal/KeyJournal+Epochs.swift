// A journal's file lives as long as its epoch.

internal import Glibc
internal import TallyCore

extension KeyJournal {
    /// The epochs that have a file, oldest first.
    func epochs() throws(VaultError) -> [UInt64] {
        guard let folder = opendir(directory) else {
            throw VaultError(.journal, DurableFile.failure("read", directory).message)
        }
        defer { closedir(folder) }
        let (prefix, suffix) = ("\(ledger.hex)-", ".journal")
        var found: [UInt64] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { continue }
            let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
            if let epoch = UInt64(digits) { found.append(epoch) }
        }
        return found.sorted()
    }

    /// Removes the file of an epoch whose KEK is gone: nothing in it can be opened any more.
    func remove(epoch: UInt64) throws(VaultError) {
        let path = path(epoch)
        guard unlink(path) == 0 || errno == ENOENT else {
            throw VaultError(.journal, DurableFile.failure("remove", path).message)
        }
        try DurableFile.syncDirectory(of: path)
    }
}
