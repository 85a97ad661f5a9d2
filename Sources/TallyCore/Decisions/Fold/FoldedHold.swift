// What a log says of a legal hold.

/// A legal hold, as its log tells of it.
package struct FoldedHold: Sendable {
    /// µs since 1970.
    package let reviewAt: UInt64
    /// µs since 1970.
    package let placedAt: UInt64
    /// µs since 1970; `nil` while it is in force.
    package internal(set) var releasedAt: UInt64?
}
