// Byte comparison without pointers, for the strings and keys of JSON documents.
// Unlike Swift's string comparison it knows nothing of canonical equivalence, which is the point.

extension Span<UInt8> {
    /// Whether both hold the same bytes.
    func hasSameBytes(as other: Self) -> Bool {
        guard count == other.count else { return false }
        for at in indices where self[at] != other[at] { return false }
        return true
    }
}
