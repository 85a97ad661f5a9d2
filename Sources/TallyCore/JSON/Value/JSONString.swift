// A JSON string, key or value, compared by its UTF-8 bytes.
// The reader makes them out of checked text; the canonical writer sorts and escapes them.

/// A JSON string.
///
/// Swift compares strings by canonical equivalence, JSON by code points: "é" composed and "é"
/// decomposed are two different keys. Equality, order and hash here go by the UTF-8 bytes.
package struct JSONString: Sendable {
    /// The text, its code points as they were given.
    package let string: String

    /// Creates a JSON string.
    ///
    /// A string with U+0000 can be made, and is written as `\u0000`, but the reader refuses it.
    package init(_ string: String) {
        self.string = string
    }

    /// The text as UTF-8.
    package var utf8: [UInt8] { Array(string.utf8) }
}

extension JSONString: Hashable {
    /// Whether both are the same bytes.
    package static func == (left: Self, right: Self) -> Bool {
        left.string.utf8Span.span.hasSameBytes(as: right.string.utf8Span.span)
    }

    /// Feeds the bytes to a hasher.
    package func hash(into hasher: inout Hasher) {
        let bytes = string.utf8Span.span.bytes
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        // Ends the string, so that two strings in a row do not hash like their concatenation.
        hasher.combine(0xFF as UInt8)
    }
}

extension JSONString: Comparable {
    /// Whether the bytes of one sort before those of the other.
    package static func < (left: Self, right: Self) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }
}

extension JSONString: ExpressibleByStringInterpolation {
    /// Creates a JSON string from a literal, interpolated or not.
    package init(stringLiteral value: String) {
        self.init(value)
    }
}
