// What files are called and what must, or must not, be written in them.

/// Names, opening lines, and marks of unfinished work.
enum TextRules {
    /// Words that name a drawer instead of a purpose.
    private static let drawers = ["Util", "Helper", "Common", "Manager"]

    // Put together here, so that this file does not break its own rule.
    private static let marks = ["TO" + "DO", "FIX" + "ME"]

    /// Files and folders with a name that says nothing.
    static func drawers(_ tree: SourceTree) -> [String] {
        tree.paths.compactMap { path in
            guard let word = drawers.first(where: path.contains) else { return nil }
            return "\(path): \(word) names no purpose; say what is inside"
        }
    }

    /// Swift files of the product that do not begin with what they are for.
    static func withoutOpening(_ tree: SourceTree) -> [String] {
        tree.swiftFiles.filter { file in
            let isProduct = file.path.hasPrefix("Sources/") || file.path.hasPrefix("benchmarks/")
            return isProduct && file.lines.first?.hasPrefix("// ") != true
        }
        .map { "\($0.path): begin with a // line that tells its purpose and place in the flow" }
    }

    /// Marks of unfinished work without the number of an issue, such as `(#12)`.
    static func looseMarks(_ tree: SourceTree) -> [String] {
        tree.sources.flatMap { file in
            file.lines.enumerated().filter { isLoose($0.element) }.map { number, _ in
                "\(file.path):\(number + 1): unfinished work without an issue; "
                    + "open one and write its number behind the mark: (#12)"
            }
        }
    }

    private static func isLoose(_ line: Substring) -> Bool {
        marks.contains { mark in
            line.ranges(of: mark).contains { range in
                line[range.upperBound...].prefixMatch(of: #/\(#[0-9]+\)/#) == nil
            }
        }
    }
}
