// What a log says has been done of a restore.

/// A restore that has begun, as its log tells of it.
package struct FoldedRestore: Sendable {
    package let cut: UInt64
    package let beganPosition: UInt64
    /// µs since 1970.
    package let beganAt: UInt64
    /// `nil` while it goes on.
    package internal(set) var end: End?

    /// How it ended.
    package struct End: Sendable {
        /// `applied`, `mismatched` or `aborted`.
        package let state: String
        package let applied: UInt64
        package let conflicts: UInt64
        package let position: UInt64
        /// µs since 1970.
        package let at: UInt64
    }
}
