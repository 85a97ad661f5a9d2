// What a log says has been done of an erasure.

package import TallyCrypto

/// An erasure, as its log tells of it.
package struct FoldedErasure: Sendable {
    /// The states in which a log can leave it, in their order.
    package enum State: String, Sendable {
        case requested, approved, onHold, fenced, keysDestroyed, purged, epochRetired, final
        case refused
    }

    package internal(set) var state = State.requested
    /// When each state was reached first, µs since 1970.
    package internal(set) var times: [State: UInt64] = [:]
    package internal(set) var ground: String
    /// The position of the event behind which nothing is sealed for the subject.
    package internal(set) var fencePosition: UInt64?
    /// How many keys were fenced.
    package internal(set) var fencedKeys: UInt64 = 0
    /// The keys that were destroyed; their events come one after the other.
    package internal(set) var destroyedKeys: Set<Digest> = []
    package internal(set) var destroyedPositions: [UInt64] = []
    package internal(set) var destroyedEpoch: UInt64?
    package internal(set) var purgedParts: UInt64 = 0
    /// The events of which parts were purged.
    package internal(set) var purgedPositions: Set<UInt64> = []
    package internal(set) var backupsUntil: UInt64?
    /// The position of the event that let its subject in again.
    package internal(set) var readmittedAtPosition: UInt64?
}
