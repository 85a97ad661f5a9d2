// Why a JSON document was refused at the door, and where.
// The reader throws it; callers turn it into an API answer (with `pointer`) or a log line (with
// `description`, which is safe to log).

/// The refusal of a JSON document.
///
/// `pointer` is complete and holds key names from the payload, which may be personal: hand it only
/// to whoever submitted the document. `description` is for logs: it holds no value of the payload
/// and only those keys that look like a schema's names.
package struct JSONError: Error, Sendable, Hashable {
    /// Why the document was refused.
    package let code: Code

    /// The RFC 6901 pointer of the value the reader stood at.
    ///
    /// Between two members, or inside a key that cannot be read, it is the enclosing container.
    package let pointer: String

    /// The offset of the offending byte, or the document's length where it ends too early.
    package let offset: Int

    /// Creates a refusal.
    package init(code: Code, pointer: String, offset: Int) {
        self.code = code
        self.pointer = pointer
        self.offset = offset
    }

    /// The pointer with every key that might be personal shown as `?`.
    ///
    /// A key is shown if it is 1 to 64 characters of `[A-Za-z0-9_.-]` with no run of eight digits,
    /// which leaves out e-mail addresses, names with spaces, and phone, card and identity numbers.
    package var redactedPointer: String { JSONPointer.redacted(pointer) }
}

extension JSONError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The reason, the redacted pointer and the offset.
    package var description: String {
        "\(code.rawValue) at \(pointer.isEmpty ? "the top level" : redactedPointer), byte \(offset)"
    }

    /// The same as `description`, so that a debug print does not leak what a print would not.
    package var debugDescription: String { description }
}

extension JSONError {
    /// The reasons for a refusal; the raw values are stable names for APIs and logs.
    package enum Code: String, Sendable, CaseIterable {
        /// A byte that no JSON text has at this place.
        case invalidSyntax = "invalid_syntax"

        /// A number with a leading zero, or without the digits its sign, point or exponent need.
        case invalidNumber = "invalid_number"

        /// A backslash followed by something other than JSON's escapes.
        case invalidEscape = "invalid_escape"

        /// Bytes that are not UTF-8, overlong forms and encoded surrogates included.
        case invalidUTF8 = "invalid_utf8"

        /// A control character that is not escaped.
        case controlCharacter = "control_character"

        /// U+0000, raw or escaped, which databases and C strings cannot hold.
        case nullCharacter = "null_character"

        /// An escaped surrogate without its other half.
        case loneSurrogate = "lone_surrogate"

        /// A byte order mark before the document.
        case byteOrderMark = "byte_order_mark"

        /// A key its object already has, once both are unescaped.
        case duplicateKey = "duplicate_key"

        /// Nesting beyond `JSONLimits.maximumDepth`.
        case tooDeep = "too_deep"

        /// A document beyond `JSONLimits.maximumBytes`.
        case tooLarge = "too_large"

        /// A number beyond `JSONLimits.maximumNumberLength`.
        case numberTooLong = "number_too_long"

        /// Something other than white space after the document.
        case trailingData = "trailing_data"

        /// The end of the input inside a document, or no document at all.
        case unexpectedEnd = "unexpected_end"
    }
}
