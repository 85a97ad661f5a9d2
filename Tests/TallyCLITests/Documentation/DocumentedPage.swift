// A page of documentation as a session: which commands it shows, and what it says they print. Marks
// in comments, which no reader of the page sees, tell what is to be done with each block.

import Foundation

/// One command of a page with the output that stands below it.
struct DocumentedCommand {
    /// What is typed, over as many lines as the page has.
    var text: String
    /// What the page says that it prints; `nil` where the page shows no output.
    var output: [String]?
    /// The lines of the page where that output stands.
    var outputLines: Range<Int>
    /// The line of the page, from 1.
    var line: Int

    /// The exit status that a comment behind the command names: `# exit 7`.
    var status: Int32 {
        let match = text.firstMatch(of: #/#\ exit\ ([0-9]+)/#)
        return match.flatMap { Int32($0.1) } ?? 0
    }
}

/// What a page asks for, in its order.
enum DocumentedStep {
    case command(DocumentedCommand)
    /// A file that the page shows, to be written before what follows.
    case file(name: String, content: String)
}

/// A page, read.
///
/// - `<!-- run -->` before a block: it is run, and its output compared.
/// - `<!-- not run: WHY -->`: it is not.
/// - `<!-- file: NAME -->`: the block is the content of that file.
/// - `<!-- setup`, lines, `-->`: commands that readers do not need to see.
struct DocumentedPage {
    private(set) var steps: [DocumentedStep] = []
    /// Blocks with commands and without a mark, by their lines.
    private(set) var unmarked: [Int] = []
    let lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var mark = ""
        var index = 0
        while index < lines.count {
            let line = lines[index].trimmingCharacters(in: .whitespaces)
            if line == "<!-- setup" {
                index = setup(from: index + 1)
            } else if line.hasPrefix("```") {
                index = block(from: index, mark: mark)
                mark = ""
            } else if line.hasPrefix("<!-- ") {
                mark = String(line.dropFirst(5)).replacing(" -->", with: "")
                index += 1
            } else {
                index += 1
            }
        }
    }

    /// Reads hidden commands; gives the line behind them.
    private mutating func setup(from start: Int) -> Int {
        let end = lines[start...].firstIndex(of: "-->") ?? lines.count
        commands(start..<end, isSession: false, indent: 0)
        return end + 1
    }

    /// Reads a block; gives the line behind it.
    private mutating func block(from fence: Int, mark: String) -> Int {
        let language = lines[fence].trimmingCharacters(in: .whitespaces).dropFirst(3)
        let start = fence + 1
        let closing = lines[start...].firstIndex {
            $0.trimmingCharacters(in: .whitespaces) == "```"
        }
        let end = closing ?? lines.count
        let isSession = lines[start..<end].contains { $0.hasPrefix("$ ") }
        if mark.hasPrefix("file: ") {
            let content = lines[start..<end].joined(separator: "\n") + "\n"
            steps.append(.file(name: String(mark.dropFirst(6)), content: content))
        } else if mark == "run" {
            let indent = lines[fence].prefix { $0 == " " }.count
            commands(start..<end, isSession: isSession, indent: indent)
        } else if isSession || language == "sh" || language == "console" {
            if !mark.hasPrefix("not run: ") { unmarked.append(fence + 1) }
        }
        return end + 1
    }

    /// Whether a command goes on in the next line: a backslash ends this one, or a quotation is
    /// open.
    private func goesOn(_ command: ArraySlice<String>) -> Bool {
        let quotes = command.reduce(0) { $0 + $1.count { $0 == "'" } }
        return quotes % 2 == 1 || command.last?.hasSuffix("\\") == true
    }

    private mutating func commands(_ range: Range<Int>, isSession: Bool, indent: Int) {
        var index = range.lowerBound
        while index < range.upperBound {
            let first = index
            guard !isSession || lines[index].hasPrefix("$ "), !lines[index].isEmpty else {
                index += 1
                continue
            }
            while index + 1 < range.upperBound, goesOn(lines[first...index]) { index += 1 }
            index += 1
            let begin = index
            while isSession, index < range.upperBound, !lines[index].hasPrefix("$ ") { index += 1 }
            let text = lines[first..<begin].map { $0.dropFirst(indent) }.joined(separator: "\n")
            steps.append(
                .command(
                    DocumentedCommand(
                        text: isSession ? String(text.dropFirst(2)) : text,
                        output: isSession ? Array(lines[begin..<index]) : nil,
                        outputLines: begin..<index,
                        line: first + 1
                    )
                )
            )
        }
    }
}
