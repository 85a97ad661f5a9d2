// Lines of standard input, one at a time and bounded, without decoding them.

internal import Foundation
internal import TallyCore
internal import Tallystick

/// Reads NDJSON lines.
struct LineReader: ~Copyable {
    private let source: ByteSource
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// The number of the line that was read last, from 1; of a line that was refused, its own.
    private(set) var number = 0

    init(_ source: consuming ByteSource = ByteSource()) {
        self.source = source
    }

    /// The next line that is not blank, without its line break; `nil` at the end.
    ///
    /// A last line without a line break is a line.
    /// - Throws: ``Problem`` `tooLarge` for a line that no event could fit; the next call goes on
    ///   behind it.
    mutating func next() throws(ReadingFault) -> [UInt8]? {
        while let line = try nextLine() {
            if line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) { return line }
        }
        return nil
    }

    /// Whether a line, or the end, is there without waiting for whoever writes.
    var isReady: Bool {
        isAtEnd || buffer[start...].contains(0x0a) || source.isReady()
    }

    private mutating func nextLine() throws(ReadingFault) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0a) { return try take(end) }
            guard buffer.count - start <= InputLimits.lineBytes + 1 else { return try refuseLong() }
            if isAtEnd { return start < buffer.count ? try take(buffer.count) : nil }
            searched = buffer.count - compact()
            try fill()
        }
    }

    /// The bytes up to `end`, where a line break is, or the end of input.
    private mutating func take(_ end: Int) throws(ReadingFault) -> [UInt8] {
        number += 1
        defer { start = min(end + 1, buffer.count) }
        let line = buffer[start..<end]
        guard line.count - (line.last == 0x0d ? 1 : 0) <= InputLimits.lineBytes else {
            throw .line(Self.tooLong)
        }
        return Array(line)
    }

    /// Passes a line that is too long, holding no more of it than one read.
    private mutating func refuseLong() throws(ReadingFault) -> [UInt8]? {
        number += 1
        while !isAtEnd {
            buffer.removeAll(keepingCapacity: true)
            start = 0
            try fill()
            guard let end = buffer.firstIndex(of: 0x0a) else { continue }
            start = end + 1
            throw .line(Self.tooLong)
        }
        start = buffer.count
        throw .line(Self.tooLong)
    }

    /// Drops what was read; gives how many bytes that were.
    private mutating func compact() -> Int {
        defer { start = 0 }
        buffer.removeFirst(start)
        return start
    }

    private mutating func fill() throws(ReadingFault) {
        do throws(Problem) {
            isAtEnd = try source.read(into: &buffer) == 0
        } catch {
            throw .input(error)
        }
    }

    private static let tooLong = Problem(
        .tooLarge,
        "a line of more than \(InputLimits.lineBytes) bytes",
        hint: "one line is one event; store a reference to what is larger"
    )
}

/// Why there is no line.
enum ReadingFault: Error {
    /// This line is refused, and those behind it can be read.
    case line(Problem)
    /// The input itself failed: nothing more can be read.
    case input(Problem)
}
