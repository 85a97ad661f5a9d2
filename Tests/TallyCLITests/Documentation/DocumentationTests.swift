// The pages that readers copy from: each command in them is run, each page in a ledger of its own,
// and what it prints is compared with what the page says.

import Foundation
import TallyTesting
import Testing

/// Documentation that can be run.
///
/// With TALLY_WRITE_DOCS=1 output that differs is written into the page, to be read before it is
/// committed.
@Suite(.serialized) struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let writes = ProcessInfo.processInfo.environment["TALLY_WRITE_DOCS"] == "1"

    /// The README and the pages of `docs`, but not those of the format, which shows bytes.
    private static var pages: [String] {
        get throws {
            let manager = FileManager.default
            let folders = ["docs", "docs/operating"]
            return try ["README.md"]
                + folders.flatMap { folder in
                    try manager.contentsOfDirectory(atPath: root.appending(path: folder).path)
                        .filter { $0.hasSuffix(".md") && $0 != "format.md" }
                        .map { "\(folder)/\($0)" }
                }
                .sorted()
        }
    }

    @Test("every command of a page does what the page says", .database, arguments: try pages)
    func runs(_ path: String) throws {
        let file = Self.root.appending(path: path)
        let page = DocumentedPage(try String(contentsOf: file, encoding: .utf8))
        #expect(page.unmarked.isEmpty, "\(path): mark these blocks as run or not run")
        guard !page.steps.isEmpty else { return }
        let folder = try scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let differences = try run(page, path, in: folder)
        guard Self.writes, !differences.isEmpty else { return }
        var lines = page.lines
        for (range, output) in differences.reversed() { lines.replaceSubrange(range, with: output) }
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
    }

    /// Runs a page; gives the lines of it that a run prints otherwise.
    private func run(
        _ page: DocumentedPage,
        _ path: String,
        in folder: URL
    ) throws -> [(Range<Int>, [String])] {
        let shell = try DocumentedShell(folder: folder)
        var pattern = OutputPattern()
        var differences: [(Range<Int>, [String])] = []
        for step in page.steps {
            switch step {
            case .file(let name, let content):
                try Data(content.utf8).write(to: folder.appending(path: name))
            case .command(let command):
                let (lines, status) = try shell.run(pattern.command(command.text))
                let said = lines.joined(separator: "\n")
                let place = "\(path):\(command.line)"
                #expect(status == command.status, "\(place): exit \(status)\n\(said)")
                guard let expected = command.output, !pattern.matches(expected, lines) else {
                    continue
                }
                differences.append((command.outputLines, Self.aligned(lines)))
                Issue.record("\(place) prints otherwise:\n\(said)")
            }
        }
        return differences
    }

    /// Output with the columns of its tables below each other, as terminals show it.
    private static func aligned(_ lines: [String]) -> [String] {
        let rows = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { $0.count > 1 && column < $0.count ? $0[column].count : nil }.max()
                ?? 0
        }
        return rows.map { row in
            guard row.count > 1 else { return row.joined() }
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }

    /// A folder with the samples that the pages name.
    private func scratch() throws -> URL {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "tally-pages-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let docs = folder.appending(path: "docs")
        try FileManager.default.createDirectory(at: docs, withIntermediateDirectories: true)
        for name in ["examples", "format"] {
            try FileManager.default.copyItem(
                at: Self.root.appending(path: "docs/\(name)"),
                to: docs.appending(path: name)
            )
        }
        return folder
    }
}
