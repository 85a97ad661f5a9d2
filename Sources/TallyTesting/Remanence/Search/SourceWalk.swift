// Goes through directories, files and outputs a window at a time, whatever their size, and keeps
// count of what was seen and what could not be.

internal import Foundation
internal import Glibc

/// Where remains are looked for.
package enum RemanenceSource: Sendable {
    /// A file, or a directory with all that is below it.
    case path(String)
    /// What a process wrote, under a name for reports.
    case memory(name: String, bytes: [UInt8])
}

/// How much was looked at.
///
/// Nothing can be said about the rest.
package struct Coverage: Sendable {
    /// Files and outputs that were read to their end.
    package var files = 0
    /// Their size.
    package var bytes = 0
    /// Files and directories that vanished meanwhile or could not be read.
    package var unreadable: [String] = []
}

/// A walk through sources.
struct SourceWalk {
    /// Bytes in memory, of which the first `coreCount` belong to this window and the rest also to
    /// the next.
    struct Window {
        let bytes: UnsafeRawBufferPointer
        let coreCount: Int
        let path: String
        let offset: Int
        let isWholeFile: Bool
        let view: ByteView

        /// Where in the file a byte of the window is, counted from the window's first.
        func origin(of index: Int) -> Int { view.origin(of: max(0, offset + index)) }
    }

    private let size: Int
    private let lookahead: Int
    private let body: (Window) -> Void
    private var coverage = Coverage()
    private var entered: Set<[UInt64]> = []

    private init(window: Int, lookahead: Int, body: @escaping (Window) -> Void) {
        size = window
        self.lookahead = lookahead
        self.body = body
    }

    /// Gives `body` each window of each source, with so many bytes of the next one behind it.
    static func run(
        _ sources: [RemanenceSource],
        window: Int,
        lookahead: Int,
        body: (Window) -> Void
    ) -> Coverage {
        withoutActuallyEscaping(body) { body in
            var walk = SourceWalk(window: window, lookahead: lookahead, body: body)
            for source in sources {
                switch source {
                case .path(let path): walk.enter(path)
                case .memory(let name, let bytes): walk.read(name, [.memory(bytes)])
                }
            }
            return walk.coverage
        }
    }

    private mutating func enter(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return coverage.unreadable.append(path) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            // A link may lead back into a directory that the walk is in.
            guard entered.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted,
                let names = try? FileManager.default.contentsOfDirectory(atPath: path)
            else { return coverage.unreadable.append(path) }
            for name in names.sorted() { enter("\(path)/\(name)") }
        case S_IFREG: readFile(path)
        default: return
        }
    }

    private mutating func readFile(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return coverage.unreadable.append(path) }
        defer { close(descriptor) }
        let isSegment = ByteView.isSegment(path)
        read(path, [.file(descriptor)] + (isSegment ? [.records(descriptor)] : []))
    }

    private mutating func read(_ path: String, _ views: [ByteView]) {
        var count = 0
        for view in views.reversed() {
            guard let read = windows(of: view, path) else {
                return coverage.unreadable.append(path)
            }
            count = read
        }
        coverage.files += 1
        coverage.bytes += count
    }

    /// Gives how many bytes the view has, or `nil` when reading failed.
    private func windows(of view: ByteView, _ path: String) -> Int? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: size + lookahead,
            alignment: 16
        )
        defer { buffer.deallocate() }
        var (offset, filled, isAtEnd) = (0, 0, false)
        while !isAtEnd {
            while filled < buffer.count, !isAtEnd {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                let count = view.read(at: offset + filled, into: rest)
                guard count >= 0 else { return nil }
                filled += count
                isAtEnd = count == 0
            }
            let core = isAtEnd ? filled : size
            body(
                Window(
                    bytes: UnsafeRawBufferPointer(rebasing: buffer[..<filled]),
                    coreCount: core,
                    path: path,
                    offset: offset,
                    isWholeFile: isAtEnd && offset == 0,
                    view: view
                )
            )
            offset += core
            filled -= core
            if let base = buffer.baseAddress { memmove(base, base + core, filled) }
        }
        return offset
    }
}
