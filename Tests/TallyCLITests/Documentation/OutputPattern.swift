// Output of a page against output of a run: ids, times and durations differ between the two and
// stand for each other, everything else is the same.

import Foundation

/// Ids of a page, and those of a run that stand for them.
struct OutputPattern {
    /// An id of the run by the page's; a command that names the page's gets the run's.
    private var ids: [String: String] = [:]

    /// A command with the ids of this run.
    func command(_ text: String) -> String {
        ids.reduce(text) { $0.replacing($1.key, with: $1.value) }
    }

    /// Whether a run printed what the page shows; learns ids from it if so.
    ///
    /// `…` stands for any text in a line, and alone on a line for any lines.
    mutating func matches(_ expected: [String], _ actual: [String]) -> Bool {
        var learned = ids
        guard Self.match(expected[...], actual[...], &learned) else {
            learn(expected, actual)
            return false
        }
        ids = learned
        return true
    }

    /// Takes the ids from lines that are the same, so that what follows can still be run.
    private mutating func learn(_ expected: [String], _ actual: [String]) {
        for line in expected {
            for found in actual {
                var learned = ids
                if Self.bind(line, found, &learned) { ids = learned }
            }
        }
    }

    private static func match(
        _ expected: ArraySlice<String>,
        _ actual: ArraySlice<String>,
        _ ids: inout [String: String]
    ) -> Bool {
        guard let line = expected.first else { return actual.isEmpty }
        let rest = expected.dropFirst()
        if line.trimmingCharacters(in: .whitespaces) == "…" {
            for start in actual.startIndex...actual.endIndex {
                var attempt = ids
                if match(rest, actual[start...], &attempt) {
                    ids = attempt
                    return true
                }
            }
            return false
        }
        guard let found = actual.first, bind(line, found, &ids) else { return false }
        return match(rest, actual.dropFirst(), &ids)
    }

    /// Compares two lines; runs of white space count as one, since tables are aligned on terminals
    /// only.
    private static func bind(
        _ expected: String,
        _ actual: String,
        _ ids: inout [String: String]
    ) -> Bool {
        let (pattern, names) = pattern(folded(expected), ids)
        guard let regex = try? Regex(pattern), let match = try? regex.wholeMatch(in: folded(actual))
        else { return false }
        for (index, name) in names.enumerated() {
            guard let value = match.output[index + 1].substring.map(String.init) else { continue }
            if let known = ids[name], known != value { return false }
            ids[name] = value
        }
        return true
    }

    private static func folded(_ line: String) -> String {
        line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// A line as a regular expression, with a group for each id that is new.
    private static func pattern(
        _ line: String,
        _ ids: [String: String]
    ) -> (String, names: [String]) {
        var names: [String] = []
        var pattern = ""
        var rest = line[...]
        let variable =
            #/\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?|\d+(\.\d+)? (s|ms)\b|[0-9a-f]{8,}|…/#
        while let match = rest.firstMatch(of: variable) {
            pattern += NSRegularExpression.escapedPattern(
                for: String(rest[..<match.range.lowerBound])
            )
            let text = String(match.output.0)
            switch text {
            case "…": pattern += ".*"
            case _ where text.hasSuffix("s"): pattern += #"\d+(\.\d+)? (s|ms)"#
            case _ where text.contains("-"): pattern += #"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?"#
            default:
                names.append(text)
                pattern += ids[text].map { "(\($0))" } ?? "([0-9a-f]{\(text.count)})"
            }
            rest = rest[match.range.upperBound...]
        }
        return (pattern + NSRegularExpression.escapedPattern(for: String(rest)), names)
    }
}
