// The one error of every decoder: which rule of the format the bytes break, and where.

/// Bytes that format version 1 refuses.
///
/// It names the structure, the rule and the byte offset, never the bytes themselves.
package struct FormatError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The rule that was broken; the same names are used by `docs/format/tally_verify.py`.
    package enum Code: String, Sendable, CaseIterable {
        case truncated, trailing, version, kind, suite, operation, encoding, padding
        case length, text, count, order, digest
        case dataSize = "data_size"
        case keyMismatch = "key_mismatch"
    }

    /// The rule that was broken.
    package let code: Code
    /// The structure that was being read, as in `Leaf`.
    package let structure: String
    /// The byte at which the rule was broken.
    package let offset: Int

    /// Makes an error about one structure.
    package init(_ code: Code, in structure: String, at offset: Int = 0) {
        self.code = code
        self.structure = structure
        self.offset = offset
    }

    /// The error in one sentence.
    package var description: String {
        "\(structure) is malformed at byte \(offset): \(code.rawValue)"
    }
}
