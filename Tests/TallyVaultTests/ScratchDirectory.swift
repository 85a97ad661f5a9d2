// A directory of its own for each test that needs files.
// It is removed with all that is in it when the test is done.

import Foundation

/// A new and empty directory, for as long as there is a reference to it.
final class ScratchDirectory: Sendable {
    /// Where it is.
    let path: String

    /// Creates the directory.
    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "tally-vault-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file that is its owner's alone.
    func write(_ bytes: [UInt8], as name: String) throws {
        let file = URL(filePath: path).appending(path: name)
        try Data(bytes).write(to: file)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: file.path(percentEncoded: false)
        )
    }

    /// Reads a file.
    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path).appending(path: name)))
    }
}
