// What may stand at the root of the repository, and whether the architecture page names files
// that are there.

import Foundation

/// The entries of the root, and the paths that documents name.
enum RootRules {
    /// Everything a reader finds at the root: files, and folders with all that is in them.
    static let entries: Set = [
        "Package.swift", "Sources", "Tests", "schema", "benchmarks", "docs", "README.md",
        "LICENSE", "Makefile", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", ".gitignore",
        ".swift-format", ".editorconfig",
    ]

    /// The only files for the continuous integration.
    static let scripts: Set = [".ci/run", ".ci/prepare", ".ci/shares"]

    /// Entries of the root with tracked files that have no place there.
    static func strangers(_ tracked: [String]) -> [String] {
        let unknown = tracked.compactMap { path -> String? in
            let entry = path.split(separator: "/").first.map(String.init) ?? path
            if entry == ".ci" { return scripts.contains(path) ? nil : path }
            return entries.contains(entry) ? nil : entry
        }
        return Set(unknown).sorted().map { entry in
            "\(entry): not among the allowed entries of the root; move it into one of the folders"
        }
    }

    /// The files that git tracks, from the root; `nil` where there is no checkout.
    static func tracked(_ root: URL) throws -> [String]? {
        let path = root.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: "\(path)/.git") else { return nil }
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(filePath: "/usr/bin/env")
        // A checkout of another user, as in a container, is read all the same.
        git.arguments = ["git", "-c", "safe.directory=*", "-C", path, "ls-files", "-z"]
        git.standardOutput = output
        try git.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { throw GitFailure(status: git.terminationStatus) }
        return String(decoding: data, as: UTF8.self).split(separator: "\0").map(String.init)
    }

    /// Paths between backticks, from a folder of the root on.
    static func paths(in document: String) -> [String] {
        document.matches(of: #/`([^`\n]+)`/#).map { String($0.output.1) }.filter { token in
            SourceTree.folders.contains { token.hasPrefix("\($0)/") }
        }
    }

    /// The paths of a document that lead nowhere.
    static func deadPaths(_ document: String, root: URL) -> [String] {
        paths(in: document).filter { path in
            let place = root.appending(path: path).path(percentEncoded: false)
            return !FileManager.default.fileExists(atPath: place)
        }
        .map { "`\($0)` is not there; correct the page, it is what newcomers read first" }
    }
}

private struct GitFailure: Error, CustomStringConvertible {
    let status: Int32
    var description: String { "git ls-files ended with \(status); run it by hand to see why" }
}
