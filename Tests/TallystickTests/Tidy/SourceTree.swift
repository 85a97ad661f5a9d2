// The repository as the tidy rules see it: the paths of its files, and the text of its sources.
// The rules take a tree as a value, so that their own tests can plant a fault in a small one.

import Foundation

/// A source file and its text.
struct SourceFile: Sendable {
    /// The path from the root of the repository.
    let path: String
    let text: String

    /// The last component of the path.
    var name: String { String(path.split(separator: "/").last ?? "") }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The lines; an empty one at the end is not counted.
    var lines: [Substring] {
        let all = text.split(separator: "\n", omittingEmptySubsequences: false)
        return all.last == "" ? all.dropLast() : all
    }
}

/// The files of the repository.
struct SourceTree: Sendable {
    /// Where files are looked for.
    static let folders = ["Sources", "Tests", "schema", "benchmarks", "docs", ".ci"]

    private static let sourceExtensions: Set = ["swift", "sql", "py", "sh", "c", "h"]

    /// The paths of all files, from the root, sorted.
    let paths: [String]
    /// Those that people write code in.
    let sources: [SourceFile]

    /// The Swift files.
    var swiftFiles: [SourceFile] { sources.filter(\.isSwift) }

    /// Makes a tree of sources, for tests of the rules.
    init(_ sources: [SourceFile], others: [String] = []) {
        self.sources = sources
        paths = (sources.map(\.path) + others).sorted()
    }

    /// Reads the tree under a root.
    init(root: URL) throws {
        paths = Self.folders.flatMap { Self.walk(root, $0) }.sorted()
        sources = try paths.filter(Self.isSource).map { path in
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            return SourceFile(path: path, text: text)
        }
    }

    /// The root of the repository that this file was compiled from.
    static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../..").standardized
    }

    private static func isSource(_ path: String) -> Bool {
        path.hasPrefix(".ci/") || sourceExtensions.contains(URL(filePath: path).pathExtension)
    }

    /// The files of a folder and all below it, but for hidden ones and Python's caches.
    private static func walk(_ root: URL, _ folder: String) -> [String] {
        let base = root.appending(path: folder).path(percentEncoded: false)
        guard let entries = FileManager.default.enumerator(atPath: base) else { return [] }
        var found: [String] = []
        while let entry = entries.nextObject() as? String {
            let name = URL(filePath: entry).lastPathComponent
            let kind = entries.fileAttributes?[.type] as? FileAttributeType
            if name.hasPrefix(".") || name == "__pycache__" {
                entries.skipDescendants()
            } else if kind != .typeDirectory {
                found.append("\(folder)/\(entry)")
            }
        }
        return found
    }
}
