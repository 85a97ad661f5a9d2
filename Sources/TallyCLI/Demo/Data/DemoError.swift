// Why the demo's data could not be had.
// The demo falls back to the generated sample when `isOffline`, and shows all other errors.

/// A failure to download or read the demo's data.
enum DemoError: Error, Equatable, CustomStringConvertible {
    /// There is no `python3` in the search path.
    case noPython
    /// Python has no module pip.
    case noPip
    /// The package index could not be reached or does not have the package.
    case noDownload(reason: String)
    /// A tool took longer than it may.
    case timedOut(tool: String, seconds: Int)
    /// A tool failed for a reason of its own.
    case toolFailed(tool: String, reason: String)
    /// The downloaded archive is not the one expected; it was deleted.
    case digestMismatch(found: String)
    /// A file could not be read or written.
    case file(path: String, reason: String)
    /// A file is not the CSV it should be.
    case malformed(file: String, line: Int, reason: String)
    /// The surrounding task was cancelled.
    case cancelled

    /// Whether a machine without network or pip explains the failure.
    var isOffline: Bool {
        switch self {
        case .noPython, .noPip, .noDownload, .timedOut: true
        case .toolFailed, .digestMismatch, .file, .malformed, .cancelled: false
        }
    }

    /// The error in one line.
    var description: String {
        switch self {
        case .noPython: "python3 is not installed"
        case .noPip: "python3 has no module pip"
        case .noDownload(let reason): "pip cannot download the data: \(reason)"
        case .timedOut(let tool, let seconds): "\(tool) gave no result within \(seconds) s"
        case .toolFailed(let tool, let reason): "\(tool) failed: \(reason)"
        case .digestMismatch(let found): "the download has SHA-256 \(found) and was deleted"
        case .file(let path, let reason): "\(path): \(reason)"
        case .malformed(let file, let line, let reason): "\(file), line \(line): \(reason)"
        case .cancelled: "the demo was cancelled"
        }
    }
}
