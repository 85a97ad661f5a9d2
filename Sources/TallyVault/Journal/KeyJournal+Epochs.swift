// A journal's file lives as long as its epoch.

internal import Glibc
internal import TallyCore

extension KeyJournal {
    /// Removes the file of an epoch whose KEK is gone: nothing in it can be opened any more.
    func remove(epoch: UInt64) throws(VaultError) {
        let path = path(epoch)
        guard unlink(path) == 0 || errno == ENOENT else {
            throw VaultError(.journal, DurableFile.failure("remove", path).message)
        }
        try DurableFile.syncDirectory(of: path)
    }
}
