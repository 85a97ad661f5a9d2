// An event as readers see it.

public import TallyCore
internal import TallyCrypto
package import TallyStore

/// A stored event, opened where the keys are.
///
/// What was erased is said to be erased; it is never left out and never guessed.
public struct Event: Sendable {
    /// Whether the event's content can be read.
    public enum Readability: String, Sendable {
        /// It is here.
        case open
        /// It was erased: its key was destroyed, or its ciphertext purged.
        case erased
        /// Its key is not in the key store, and was not destroyed: an operator must look.
        case keyLost = "key lost"
        /// It does not open under its key: run `tally verify --open`.
        case damaged
    }

    package let opened: OpenedEvent

    package init(_ opened: OpenedEvent) {
        self.opened = opened
    }

    /// The 0-based position in the tenant's log: also where a reader goes on from.
    public var position: Int { opened.stored.position }
    /// The 1-based number within its stream; `nil` for events of the ledger's own.
    public var version: Int? { opened.stored.version }
    /// The ledger's clock, strictly increasing within the tenant.
    public var recordedAt: Instant { Instant(micros: opened.leaf.recordedAt) }
    /// The event's id, 32 hexadecimal digits.
    public var eventID: String { opened.leaf.eventID.hex }
    /// The leaf hash, 64 hexadecimal digits.
    public var leafHash: String { opened.leafHash.hex }
    /// What sort of fact it is, as in docs/format.md: `recorded` for a caller's event.
    public var kind: String { "\(opened.leaf.kind)" }

    /// Whether the content can be read.
    public var readability: Readability {
        switch opened.envelope {
        case nil, .content: .open
        case .erased: .erased
        case .keyLost: .keyLost
        case .damaged: .damaged
        }
    }

    private var envelope: Envelope? {
        if case .content(let envelope) = opened.envelope { envelope } else { nil }
    }

    /// The stream, if it can be read.
    public var stream: String? { envelope?.stream }
    /// The event's type; the kind for events of the ledger's own.
    public var type: String? { opened.envelope == nil ? kind : envelope?.type }
    /// What it does to the stream's document.
    public var operation: EventOperation? { envelope?.operation }
    /// Who acted.
    public var actor: String? { envelope?.actor }
    /// For whom.
    public var onBehalfOf: String? { envelope?.onBehalfOf }
    /// When it happened by the caller's account; `nil` when not given.
    public var occurredAt: Instant? {
        envelope?.occurredAt.micros.map { Instant(microsecondsSince1970: $0) }
    }
    /// What it belongs to.
    public var correlation: String? { envelope?.correlation }
    /// What caused it.
    public var causation: String? { envelope?.causation }

    /// JSON text as it was submitted; for events of the ledger's own their clear JSON.
    public var data: String? {
        let bytes = opened.clear ?? envelope?.data.text ?? []
        return bytes.isEmpty || operation == .revert ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The version that a revert goes back to.
    public var revertedVersion: Int? {
        guard let envelope, envelope.operation == .revert else { return nil }
        let version = envelope.data.text.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(exactly: version)
    }

    /// JSON texts by `SUBJECT` or `SUBJECT#CLASS`, as far as they can be read.
    public var personal: Sections<String> {
        var sections = Sections<String>()
        for case .content(let section) in opened.sections {
            sections.append(section.name.key, String(decoding: section.data, as: UTF8.self))
        }
        return sections
    }

    /// Personal sections that can be read no more.
    public var erasedParts: Int {
        opened.sections.count { if case .content = $0 { false } else { true } }
    }
}
