// The bytes of a file or an output, read in pieces. A segment of PostgreSQL's WAL is also read as
// the server writes into it: records run on behind the header of the next page.

internal import Glibc

/// Bytes that are read from any place on.
enum ByteView {
    case memory([UInt8])
    case file(Int32)
    /// A WAL segment without the headers of its pages.
    case records(Int32)

    private static let page = 8192
    private static let header = 24
    private static let firstHeader = 40

    /// Whether a file is a WAL segment, by its name.
    static func isSegment(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.utf8.count == 24 && name.allSatisfy(\.isHexDigit)
    }

    /// Reads up to the buffer's size; gives how many bytes there were, 0 at the end and -1 for an
    /// error.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch self {
        case .memory(let bytes):
            let count = max(0, min(buffer.count, bytes.count - offset))
            bytes.withUnsafeBytes {
                buffer.copyMemory(from: .init(rebasing: $0.dropFirst(offset).prefix(count)))
            }
            return count
        case .file(let descriptor):
            return pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
        case .records(let descriptor):
            let start = origin(of: offset)
            let count = min(buffer.count, Self.page - start % Self.page)
            return pread(descriptor, buffer.baseAddress, count, off_t(start))
        }
    }

    /// Where in the file a byte of this view is.
    func origin(of offset: Int) -> Int {
        guard case .records = self else { return offset }
        let first = Self.page - Self.firstHeader
        guard offset >= first else { return Self.firstHeader + offset }
        let (page, rest) = (offset - first).quotientAndRemainder(
            dividingBy: Self.page - Self.header
        )
        return (page + 1) * Self.page + Self.header + rest
    }
}
