// The bounds of a JSON document.
// The reader applies them at the door, so whatever is stored, folded or disclosed later is within
// them and no later step has to bound its work again.

/// The largest JSON document the reader takes.
package enum JSONLimits {
    /// Arrays and objects nested inside one another, the outermost counting as one.
    package static let maximumDepth = 128

    /// Bytes of one document, white space included.
    package static let maximumBytes = 16_777_216

    /// Characters of one number, its sign and exponent included.
    package static let maximumNumberLength = 1_024

    /// Members up to which looking at an object's keys one by one beats hashing them.
    static let scannedKeys = 32

    /// Bytes up to which a key is looked at one by one, so that long look-alikes cost no more.
    static let scannedKeyLength = 64
}
