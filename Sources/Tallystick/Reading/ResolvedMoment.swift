// What a moment means in a tenant's log, with what an auditor needs to check that.

public import TallyCore
internal import TallyCrypto
internal import TallyReplay

/// What a moment means, with what an auditor needs to check that.
public struct ResolvedMoment: Sendable, Equatable {
    /// The number of events that count at that moment.
    public let size: Int
    /// The position of the newest of them; `nil` before the first.
    public let position: Int?
    /// When that was recorded.
    public let recordedAt: Instant?
    /// Its id, 32 hexadecimal digits.
    public let eventID: String?
    /// Its leaf hash, 64 hexadecimal digits: it commits to the whole log up to there.
    public let leafHash: String?
    /// Up to which time nothing can be recorded any more; for a time only.
    public let closedThrough: Instant?

    init(_ cut: Cut) throws(Problem) {
        size = cut.size
        position = cut.newest?.position
        closedThrough = cut.closedThrough.map { Instant(micros: $0) }
        guard let newest = cut.newest else {
            (recordedAt, eventID, leafHash) = (nil, nil, nil)
            return
        }
        guard let leaf = try? Leaf(decoding: newest.leaf) else {
            throw Problem(
                .misconfigured,
                "the leaf of event \(newest.position) is damaged",
                hint: "run \(.verify)"
            )
        }
        recordedAt = Instant(micros: leaf.recordedAt)
        eventID = leaf.eventID.hex
        var hash = SHA256()
        leafHash = Leaf.hash(newest.leaf, with: &hash).hex
    }
}
