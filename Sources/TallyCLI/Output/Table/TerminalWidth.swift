// How wide the terminal is.

internal import Foundation

/// Asks the terminal, and where it does not know, the environment.
enum TerminalWidth {
    /// What is taken where nobody knows, and for text that goes into a file.
    static let usual = 80
    /// Narrower terminals are treated as if they had this many columns.
    private static let narrowest = 20

    /// The columns of the terminal behind a descriptor; `nil` where there is none.
    static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
        let named = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 0
        let columns = known > 0 ? known : named > 0 ? named : usual
        return max(narrowest, columns)
    }
}
