// Names and ids as keys: compared by their UTF-8 bytes. Swift compares strings by canonical
// equivalence, so "é" composed and "é" decomposed would be one key of a dictionary.

/// A text whose equality, order and hash go by its UTF-8 bytes.
///
/// Request ids, subjects, streams, types, actors, classes, collections, tenants' names and the keys
/// of JSON objects are keys of this type, wherever they are kept or compared.
package struct ByteText: Sendable {
    /// The text, its code points as they were given.
    package let string: String

    /// Takes a text as it is.
    package init(_ string: String) {
        self.string = string
    }

    /// The text as UTF-8.
    package var utf8: [UInt8] { Array(string.utf8) }

    /// The text in quotes as an error shows it: printable ASCII as it is, everything else by code
    /// points, so that it steers no terminal and looks like nothing that it is not.
    ///
    /// - Parameter length: how many code points are shown at most.
    /// - Returns: printable ASCII and, where the text is cut, an ellipsis.
    package func escaped(upTo length: Int = 255) -> String {
        let scalars = string.unicodeScalars
        let shown = scalars.prefix(length).map { scalar in
            (0x20..<0x7f).contains(scalar.value) && scalar != "\"" && scalar != "\\"
                ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        let isCut = scalars.dropFirst(length).first != nil
        return "\"\(shown.joined())\(isCut ? "…" : "")\""
    }
}

extension ByteText: Hashable {
    /// Whether both are the same bytes.
    package static func == (left: Self, right: Self) -> Bool {
        left.string.utf8Span.span.hasSameBytes(as: right.string.utf8Span.span)
    }

    /// Feeds the bytes to a hasher.
    package func hash(into hasher: inout Hasher) {
        let bytes = string.utf8Span.span.bytes
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        // Ends the text, so that two texts in a row do not hash like their concatenation.
        hasher.combine(0xFF as UInt8)
    }
}

extension ByteText: Comparable {
    /// Whether the bytes of one sort before those of the other.
    package static func < (left: Self, right: Self) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }
}

extension ByteText: ExpressibleByStringInterpolation {
    /// Takes a literal, interpolated or not.
    package init(stringLiteral value: String) {
        self.init(value)
    }
}

extension ByteText: CustomStringConvertible {
    /// The text.
    package var description: String { string }
}

extension Sequence<String> {
    /// The texts in the order of their bytes.
    package func sortedByBytes() -> [String] {
        sorted { ByteText($0) < ByteText($1) }
    }

    /// The texts in the order of their bytes, each once.
    package func distinctByBytes() -> [String] {
        Set(lazy.map { ByteText($0) }).sorted().map(\.string)
    }
}
