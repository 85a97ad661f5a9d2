// The words of flags and lines: operations, expected versions, and data from files.

internal import Foundation
internal import TallyCore
internal import Tallystick

/// Reads the values that flags and NDJSON lines share.
enum EventArguments {
    /// An operation that a caller may append.
    static func operation(_ word: String) -> EventOperation? {
        switch word {
        case "put": .put
        case "patch": .patch
        case "delete": .delete
        case "note": .note
        default: nil
        }
    }

    /// A number from 1, `none` or `any`.
    static func expectation(_ word: String) -> ExpectedVersion? {
        switch word {
        case "any": return .any
        case "none": return ExpectedVersion.noStream
        default: return Int(word).flatMap { $0 > 0 ? .version($0) : nil }
        }
    }

    /// JSON itself, `@FILE`, or `-` for standard input, without the white space around it: by
    /// flag, by file and by line one value is the same bytes.
    static func data(_ argument: String) throws(Problem) -> [UInt8] {
        if argument == "-" { return trimmed(try ByteSource.contents(of: "-", limit: limit)) }
        guard argument.utf8.first == UInt8(ascii: "@") else { return trimmed(Array(argument.utf8)) }
        let path = String(decoding: argument.utf8.dropFirst(), as: UTF8.self)
        return trimmed(try ByteSource.contents(of: path, limit: limit))
    }

    private static let limit = JSONLimits.maximumBytes

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(bytes[first...last])
    }

    /// `SUBJECT=JSON`, `SUBJECT=@FILE` or `SUBJECT#CLASS=…`.
    static func personal(_ arguments: [String]) throws(Problem) -> Sections<[UInt8]> {
        var sections = Sections<[UInt8]>()
        for argument in arguments {
            // By bytes: an equals sign with a combining mark behind it is another Character.
            let halves = argument.utf8.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            ).map { String(decoding: $0, as: UTF8.self) }
            guard halves.count == 2 else {
                throw Problem(
                    .invalid,
                    "--personal is not SUBJECT=JSON",
                    hint: "e.g. --personal 'customer:8812={\"name\":\"Ilze\"}'"
                )
            }
            sections.append(halves[0], try data(halves[1]))
        }
        return sections
    }
}
