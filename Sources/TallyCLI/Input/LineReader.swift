// Lines of standard input, one at a time and bounded, without decoding them.

internal import Foundation
internal import TallyCore
internal import Tallystick

/// Reads NDJSON lines from a descriptor.
struct LineReader {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// The number of the line that was read last, from 1.
    private(set) var number = 0

    init(descriptor: Int32 = STDIN_FILENO) {
        self.descriptor = descriptor
    }

    /// The next line that is not blank, without its line break; `nil` at the end.
    ///
    /// - Throws: ``Problem`` `tooLarge` for a line that no event could fit.
    mutating func next() throws(Problem) -> [UInt8]? {
        while let line = try nextLine() {
            number += 1
            if line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) { return line }
        }
        return nil
    }

    private mutating func nextLine() throws(Problem) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0a) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            searched = buffer.count
            guard buffer.count - start <= JSONLimits.maximumBytes else {
                throw Problem(
                    .tooLarge,
                    "line \(number + 1) is longer than 16777216 bytes",
                    hint: "one line is one event; store a reference to what is larger"
                )
            }
            if isAtEnd { return takeRest() }
            searched -= compact()
            fill()
        }
    }

    private mutating func takeRest() -> [UInt8]? {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return Array(buffer[start...])
    }

    /// Drops what was read; gives how many bytes that were.
    private mutating func compact() -> Int {
        defer { start = 0 }
        buffer.removeFirst(start)
        return start
    }

    private mutating func fill() {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 { buffer.append(contentsOf: chunk[..<count]) } else { isAtEnd = true }
    }
}
