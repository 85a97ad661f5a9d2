// The bounds of the fold: patches can make a document larger than any event may be.

/// The bounds of folding one stream, in bytes.
package enum FoldLimits {
    /// A document: its data and sections in canonical JSON with their names, and its digests.
    package static let documentBytes = 128 << 20
    /// Texts of events that a chain holds; of older ones it keeps the places.
    package static let heldBytes = 32 << 20
}
