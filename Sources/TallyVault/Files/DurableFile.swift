// Reads and writes of open files, on the device before a write returns.

internal import Glibc

/// What is done with a descriptor.
enum DurableFile {
    /// Writes all bytes and waits until they are on the device.
    static func append(
        _ bytes: [UInt8],
        to descriptor: Int32,
        path: String
    ) throws(VaultError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            guard count > 0 || errno == EINTR else { throw failure("write", path) }
            written += max(0, count)
        }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    /// Reads up to `count` bytes from an offset; fewer only at the end of the file.
    static func read(
        _ descriptor: Int32,
        from offset: Int,
        count: Int,
        path: String
    ) throws(VaultError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let length = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: filled),
                    count - filled,
                    off_t(offset + filled)
                )
            }
            guard length >= 0 || errno == EINTR else { throw failure("read", path) }
            guard length != 0 else { break }
            filled += max(0, length)
        }
        return filled == count ? bytes : Array(bytes.prefix(filled))
    }

    /// Waits until no other process has the file locked, and locks it until it is closed.
    static func lock(_ descriptor: Int32, path: String) throws(VaultError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure("lock", path) }
        }
    }

    /// An error of the operating system about a path.
    static func failure(_ verb: String, _ path: String) -> VaultError {
        VaultError(.provider, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
