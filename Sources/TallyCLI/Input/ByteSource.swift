// Where commands read bytes: standard input or a file. A read that fails is never taken for the
// end, and what is longer than a bound is refused, not cut.

internal import Foundation
internal import TallyCore
internal import Tallystick

/// A descriptor that is read to its end.
struct ByteSource: ~Copyable {
    /// How messages name it.
    let name: String
    private let descriptor: Int32
    private let isOwned: Bool

    /// Reads from a descriptor that stays open.
    init(descriptor: Int32 = STDIN_FILENO, name: String = "standard input") {
        self.init(descriptor: descriptor, name: name, isOwned: false)
    }

    /// Opens a file; `-` is standard input.
    ///
    /// - Throws: `notFound` for a file that is not there, `invalid` for one that cannot be opened.
    init(path: String) throws(Problem) {
        guard path != "-" else {
            self.init()
            return
        }
        self.init(descriptor: try Self.opened(path), name: path, isOwned: true)
    }

    private init(descriptor: Int32, name: String, isOwned: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.isOwned = isOwned
    }

    private static func opened(_ path: String) throws(Problem) -> Int32 {
        var opened = open(path, O_RDONLY | O_CLOEXEC)
        while opened < 0, errno == EINTR { opened = open(path, O_RDONLY | O_CLOEXEC) }
        guard opened >= 0 else { throw failed(path, errno) }
        return opened
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Appends what comes next, up to ``InputLimits/chunkBytes``; gives the number of bytes, 0 at
    /// the end.
    ///
    /// - Throws: `invalid` when the system cannot read, with the system's words for why.
    func read(into buffer: inout [UInt8]) throws(Problem) -> Int {
        let size = InputLimits.chunkBytes
        var chunk = [UInt8](repeating: 0, count: size)
        while true {
            let count = Foundation.read(descriptor, &chunk, size)
            if count >= 0 {
                buffer.append(contentsOf: chunk[..<count])
                return count
            }
            switch errno {
            case EINTR: continue
            // As long as a blocking descriptor would: until its writer writes or ends.
            case EAGAIN, EWOULDBLOCK: _ = isReady(milliseconds: -1)
            default: throw Self.failed(name, errno)
            }
        }
    }

    /// Whether a read would give bytes, the end or an error at once.
    func isReady(milliseconds: Int32 = 0) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, milliseconds) != 0
    }

    /// All bytes up to the end.
    ///
    /// - Throws: `tooLarge` beyond `limit` bytes; as ``init(path:)`` and ``read(into:)``.
    static func contents(of path: String, limit: Int) throws(Problem) -> [UInt8] {
        let source = try ByteSource(path: path)
        var bytes: [UInt8] = []
        while try source.read(into: &bytes) > 0 {
            guard bytes.count <= limit else {
                throw Problem(
                    .tooLarge,
                    "\(source.name) has more than \(limit) bytes",
                    hint: "give at most that many"
                )
            }
        }
        return bytes
    }

    private static func failed(_ name: String, _ code: Int32) -> Problem {
        Problem(
            code == ENOENT || code == ENOTDIR ? .notFound : .invalid,
            "\(name) cannot be read: \(String(cString: strerror(code)))",
            hint: "check that it is a file or a pipe, and that you may read it"
        )
    }
}
