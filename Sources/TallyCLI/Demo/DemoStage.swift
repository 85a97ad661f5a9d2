// How the demo speaks: numbered acts, plain words, bold only on a terminal.

internal import Foundation

/// Prints the demo's story.
struct DemoStage {
    private let isStyled =
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    /// Opens an act.
    func act(_ number: Int, _ title: String) {
        Page.line("\n\(style("1", "\(number). \(title)"))")
    }

    /// Says a line.
    func say(_ line: String = "") { Page.line(line.isEmpty ? "" : "   \(line)") }

    /// Shows a command that a reader could type.
    func prompt(_ command: String) { Page.line("   \(style("36", "$ \(command)"))") }

    /// Marks a good or bad end in words and colour.
    func good(_ line: String) { Page.line("   \(style("32", line))") }
    func bad(_ line: String) { Page.line("   \(style("31", line))") }

    private func style(_ code: String, _ text: String) -> String {
        isStyled ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}

extension Int {
    /// The number in groups of three digits, as in 54,012.
    var grouped: String {
        var digits = String(magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits = String(digits.dropLast(3))
        }
        return (self < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }
}
