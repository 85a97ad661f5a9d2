// Small text files of the cluster, read and written without following symbolic links.
// The folder belongs to the server's user, so a privileged parent must not trust names in it.

import Glibc

/// A small text file, opened for one purpose and closed when it goes away.
package struct TextFile: Sendable {
    /// The open descriptor of the file.
    package let descriptor: OwnedDescriptor

    private let path: String

    /// Opens `path` with the given `open(2)` flags; new files are readable by their owner only.
    package init(_ path: String, flags: Int32) throws(PrivateClusterError) {
        self.path = path
        descriptor = try OwnedDescriptor.open(path, flags: flags)
    }

    /// Makes an empty file without a name, gone when its last user closes it.
    package static func unnamed() throws(PrivateClusterError) -> TextFile {
        let path = "/tmp/tally-output-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let file = try TextFile(path, flags: O_RDWR | O_CREAT | O_EXCL | O_APPEND)
        unlink(path)
        return file
    }

    /// Reads the end of a file, or nothing when it cannot be read.
    package static func tail(of path: String, from offset: Int = 0) -> String {
        guard let file = try? TextFile(path, flags: O_RDONLY) else { return "" }
        return file.tail(from: offset)
    }

    /// The size of the file in bytes.
    // Not by seeking: the position is shared with the children that write to the file.
    package var size: Int {
        var status = stat()
        return fstat(descriptor.raw, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Returns the last lines written after `offset`, within the bounds for quoted text.
    package func tail(from offset: Int = 0) -> String {
        let end = size
        let start = max(offset, end - PrivateClusterLimits.quotedBytes)
        guard end > start else { return "" }
        let bytes = [UInt8](unsafeUninitializedCapacity: end - start) { buffer, count in
            count = max(0, pread(descriptor.raw, buffer.baseAddress, buffer.count, off_t(start)))
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.suffix(PrivateClusterLimits.quotedLines).joined(separator: "\n")
    }

    /// Writes the whole text at the current position and flushes it to the disk.
    package func write(_ text: String) throws(PrivateClusterError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes {
                Glibc.write(descriptor.raw, $0.baseAddress, $0.count)
            }
            guard written >= 0 || errno == EINTR else { throw .system("write \(path)") }
            rest = rest.dropFirst(max(0, written))
        }
        guard fsync(descriptor.raw) == 0 else { throw .system("flush \(path)") }
    }
}
