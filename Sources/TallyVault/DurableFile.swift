// Small files whose existence must survive a power cut: KEKs and journals.

internal import Glibc

/// Writes that are on the device before they return.
enum DurableFile {
    /// Creates a file with its whole content, or leaves the one that is there.
    ///
    /// The content appears at once under its name, so no reader sees half of it.
    /// - Returns: `false` when a file of that name exists.
    static func create(_ path: String, content: [UInt8]) throws(VaultError) -> Bool {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        defer {
            close(descriptor)
            unlink(temporary)
        }
        try append(content, to: descriptor, path: temporary)
        guard link(temporary, path) == 0 else {
            guard errno == EEXIST else { throw failure("create", path) }
            return false
        }
        try syncDirectory(of: path)
        return true
    }

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

    /// Reads a file, or its first `limit` bytes; `nil` when there is none.
    static func read(_ path: String, limit: Int) throws(VaultError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw failure("read", path) }
            return nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", path) }
        return try read(descriptor, from: 0, count: min(limit, Int(status.st_size)), path: path)
    }

    /// Reads up to `count` bytes from an offset.
    static func read(
        _ descriptor: Int32,
        from offset: Int,
        count: Int,
        path: String
    ) throws(VaultError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let length = pread(descriptor, &bytes, count, offset)
        guard length >= 0 else { throw failure("read", path) }
        return Array(bytes.prefix(length))
    }

    /// Makes a name's creation or removal durable.
    static func syncDirectory(of path: String) throws(VaultError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", directory) }
    }

    /// Creates a directory that only its owner can enter, if there is none.
    static func createDirectory(_ path: String) throws(VaultError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("create", path) }
    }

    /// An error of the operating system about a path.
    static func failure(_ verb: String, _ path: String) -> VaultError {
        VaultError(.provider, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
