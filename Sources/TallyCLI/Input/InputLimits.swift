// Every bound of what commands read, named.

internal import TallyCore

/// The bounds of what commands read.
enum InputLimits {
    /// Bytes of one read.
    static let chunkBytes = 1 << 18
    /// Bytes of one NDJSON line, its line break not counted.
    static let lineBytes = JSONLimits.maximumBytes
    /// Lines that are appended together.
    static let batchLines = 500
    /// Bytes of the lines of one batch, from its second line on.
    static let batchBytes = 4 << 20
    /// Bytes of a key file in PEM.
    static let pemBytes = 65_536
    /// Bytes of a request that is signed elsewhere: the plan of a restore has a step a document.
    static let signingBytes = 64 << 20
    /// Refused lines that are told one by one on stderr.
    static let shownRefusals = 10
    /// Characters of a field's name that an error repeats.
    static let shownNameCharacters = 40
}
