// Where a reader of a log has come to, and which log it was.

internal import TallyCrypto
public import TallyStore

/// The last event that a consumer has seen.
///
/// The position says where to go on. The leaf hash says which history that was: a log that was
/// restored from an older copy and written on has other events at the same positions, and whoever
/// went on by position alone would miss them. Keep what ``Event/cursor`` says, and give it to
/// ``Tenant/tail(after:where:)-(EventCursor,_)``.
public struct EventCursor: Sendable, Equatable, CustomStringConvertible {
    /// Before the first event.
    public static let start = EventCursor(position: -1)

    /// The 0-based position of the event; -1 for none.
    public let position: Int
    /// The event's leaf hash, 64 hexadecimal digits; `nil` where only the position is known.
    public var leafHash: String? { hash?.hex }

    let hash: Digest?

    /// A place that is known by its position only.
    public init(position: Int) {
        self.init(position: position, hash: nil)
    }

    init(position: Int, hash: Digest?) {
        self.position = position
        self.hash = hash
    }

    /// Reads `POSITION` or `POSITION:LEAFHASH`, as ``description`` writes them.
    ///
    /// - Returns: `nil` for anything else.
    public init?(_ text: String) {
        let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let position = Int(words[0]), (-1..<Int.max).contains(position) else { return nil }
        guard words.count == 2 else {
            self.init(position: position)
            return
        }
        guard position >= 0, let hash = Hex.decode(String(words[1])).flatMap({ Digest($0) }) else {
            return nil
        }
        self.init(position: position, hash: hash)
    }

    /// `POSITION:LEAFHASH`, or `POSITION`.
    public var description: String { leafHash.map { "\(position):\($0)" } ?? "\(position)" }
}

extension Event {
    /// Where a consumer that has seen this event goes on.
    public var cursor: EventCursor { EventCursor(position: position, hash: opened.leafHash) }
}

extension Receipt {
    /// Where a consumer goes on that has seen this event and all before it.
    public var cursor: EventCursor { EventCursor(position: position, hash: hash) }
}
