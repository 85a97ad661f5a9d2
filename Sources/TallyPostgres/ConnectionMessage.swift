// libpq's own words about a failed connection, cut to what may be shown.

internal import Glibc

/// The messages of libpq itself.
enum ConnectionMessage {
    /// The first line of a message; libpq never puts the password there.
    static func safe(_ message: UnsafePointer<CChar>?) -> String {
        guard let message else { return "PostgreSQL cannot be reached" }
        let text = String(cString: message)
        let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init)
        return line ?? "PostgreSQL cannot be reached"
    }
}
