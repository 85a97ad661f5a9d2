// The golden vectors of docs/format/vectors, made by the independent implementation in Python.
// Every test that holds Swift against them reads them through here.

internal import Foundation
internal import TallyCore

/// The vectors of one structure.
package struct VectorFile: Sendable {
    /// What every reader accepts.
    package let vectors: [VectorEntry]
    /// What every reader refuses, each entry with a `code`.
    package let malformed: [VectorEntry]

    /// Reads the vectors of a structure, named like its file, such as `leaf`.
    package init(_ structure: String) throws {
        let url = Self.directory.appending(path: "\(structure).json")
        let value = try JSONReader.parse([UInt8](Data(contentsOf: url)))
        guard let members = value.objectValue else {
            throw VectorError(place: structure, problem: "not an object")
        }
        let file = VectorEntry(place: structure, members: members)
        vectors = try file.entries("vectors")
        malformed = try file.entries("malformed")
    }

    private static var directory: URL {
        URL(filePath: #filePath, directoryHint: .notDirectory)
            .deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "docs/format/vectors", directoryHint: .isDirectory)
    }
}

/// Why a vector cannot be used: it is not what a test takes it for.
package struct VectorError: Error, CustomStringConvertible {
    let place: String
    let problem: String

    /// The error in one line.
    package var description: String { "vector \(place): \(problem)" }
}
