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
        case "none": return ExpectedVersion.none
        default: return Int(word).flatMap { $0 > 0 ? .version($0) : nil }
        }
    }

    /// JSON itself, `@FILE`, or `-` for standard input.
    static func data(_ argument: String) throws(Problem) -> [UInt8] {
        guard argument == "-" || argument.hasPrefix("@") else { return Array(argument.utf8) }
        let path = argument == "-" ? "/dev/stdin" : String(argument.dropFirst())
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: JSONLimits.maximumBytes + 1)
        else {
            throw Problem(.invalid, "the file \(path) cannot be read", hint: "check its path")
        }
        return Array(data)
    }

    /// `SUBJECT=JSON`, `SUBJECT=@FILE` or `SUBJECT#CLASS=…`.
    static func personal(_ arguments: [String]) throws(Problem) -> [String: [UInt8]] {
        var sections: [String: [UInt8]] = [:]
        for argument in arguments {
            let halves = argument.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, sections[String(halves[0])] == nil else {
                throw Problem(
                    .invalid,
                    "--personal is not SUBJECT=JSON, or names a subject twice",
                    hint: "e.g. --personal 'customer:8812={\"name\":\"Ilze\"}'"
                )
            }
            sections[String(halves[0])] = try data(String(halves[1]))
        }
        return sections
    }
}
