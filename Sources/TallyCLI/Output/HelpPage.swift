// Help as the terminal shows it: wrapped once, at its width, with the connection's flags at the
// end.

internal import Foundation

/// A page of help.
///
/// The parser writes it in lines without an end; the texts of commands bring line breaks of the
/// source with them, which are taken out here.
struct HelpPage {
    /// How wide the parser is told to write.
    static let endless = 100_000
    /// Where descriptions begin.
    private static let indent = 26
    /// The section that comes last.
    private static let last = "CONNECTION:"

    /// The page.
    let text: String

    /// Lays out what the parser wrote.
    init(_ endless: String, columns: Int) {
        var sections: [[Substring]] = []
        for line in endless.split(separator: "\n", omittingEmptySubsequences: false) {
            if Self.isHeader(line) || sections.isEmpty { sections.append([]) }
            sections[sections.count - 1].append(line)
        }
        let ordered =
            sections.filter { $0.first.map(String.init) != Self.last }
            + sections.filter { $0.first.map(String.init) == Self.last }
        text = ordered.map { Self.section($0, columns) }.joined(separator: "\n\n") + "\n"
    }

    private static func isHeader(_ line: Substring) -> Bool {
        line.hasPrefix("USAGE: ") || line.hasPrefix("  See ")
            || (line.hasSuffix(":") && line.dropLast().allSatisfy { $0.isUppercase || $0 == " " }
                && line.first != " " && line.count > 1)
    }

    private static func section(_ lines: [Substring], _ columns: Int) -> String {
        let isList = lines.first.map { isHeader($0) && $0.hasSuffix(":") } ?? false
        let laidOut = isList ? list(lines, columns) : prose(lines, columns)
        return laidOut.joined(separator: "\n").trimmingCharacters(in: .newlines)
    }

    /// Paragraphs: lines that stand at the margin belong together, indented ones stay as they are.
    private static func prose(_ lines: [Substring], _ columns: Int) -> [String] {
        var (laidOut, paragraph) = ([String](), "")
        for line in lines + [""] {
            guard line.isEmpty || line.hasPrefix(" ") || line.hasSuffix(":") else {
                paragraph += (paragraph.isEmpty ? "" : " ") + line
                continue
            }
            if !paragraph.isEmpty { laidOut += wrapped(paragraph, columns, hanging: 0) }
            paragraph = ""
            laidOut.append(String(line))
        }
        return laidOut
    }

    /// Flags and commands with their descriptions beside them.
    private static func list(_ lines: [Substring], _ columns: Int) -> [String] {
        var (laidOut, label) = (lines.prefix(1).map(String.init), "")
        for line in lines.dropFirst() where !line.isEmpty {
            let isContinued = line.hasPrefix(String(repeating: " ", count: indent))
            let content = line.drop { $0 == " " }
            let split = isContinued ? content.startIndex : content.firstRange(of: "  ")?.lowerBound
            if !isContinued { label = "  " + content[..<(split ?? content.endIndex)] }
            let text = split.map { content[$0...].drop { $0 == " " } } ?? ""
            guard !text.isEmpty else { continue }
            laidOut += entry(label, String(text), columns)
            label = ""
        }
        return label.isEmpty ? laidOut : laidOut + [label]
    }

    private static func entry(_ label: String, _ text: String, _ columns: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        let described = wrapped(margin + text, columns, hanging: indent)
        guard label.count < indent else { return [label] + described }
        let first = DisplayWidth.pad(label, to: indent) + described[0].dropFirst(indent)
        return [first] + described.dropFirst()
    }

    /// A text in lines that end between words.
    static func wrapped(_ text: String, _ columns: Int, hanging: Int) -> [String] {
        let margin = String(repeating: " ", count: hanging)
        var lines = [margin]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            let isEmpty = last.count == hanging
            if !isEmpty, last.count + 1 + word.count > columns {
                lines.append(margin + word)
            } else {
                lines[lines.count - 1] += (isEmpty ? "" : " ") + word
            }
        }
        return lines
    }
}
