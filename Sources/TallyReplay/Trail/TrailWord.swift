// A word of a tenant's dictionary: the type or collection behind a tag, sealed, so that a wildcard
// can be expanded without opening events.

internal import TallyCore
internal import TallyCrypto
internal import TallyVault

/// A type or collection.
struct TrailWord: Sendable {
    /// What it is a word of.
    enum Label: UInt8, Sendable {
        case type = 1
        case collection = 2
    }

    let label: Label
    let text: String

    init(_ label: Label, _ text: String) {
        self.label = label
        self.text = text
    }

    func tag(_ index: IndexKey) -> BlindTag {
        index.tag(label == .type ? .type : .collection, text)
    }

    /// The word's bytes, padded to a multiple of 32.
    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.write(UInt8(1))
        writer.write(label.rawValue)
        writer.write(text, within: FormatLimits.word)
        writer.pad()
        return writer.bytes
    }

    /// Reads a padded word.
    init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "TrailWord")
        try reader.require(version: reader.byte())
        guard let label = Label(rawValue: try reader.byte()) else { throw reader.refusal(.kind) }
        self.label = label
        text = try reader.text(within: FormatLimits.word)
        try reader.endPadded()
    }

    /// What a word's ciphertext is bound to.
    static func associated(
        ledger: LedgerID,
        tenant: TenantID,
        tag: BlindTag,
        keyID: KeyID
    ) -> [UInt8] {
        var writer = ByteWriter(label: "tallystick word v1")
        writer.write(ledger)
        writer.write(tenant)
        writer.write(tag)
        writer.write(keyID)
        return writer.bytes
    }
}

extension TrailWord: Equatable {
    /// Whether both are the same bytes.
    static func == (left: Self, right: Self) -> Bool {
        left.label == right.label && ByteText(left.text) == ByteText(right.text)
    }
}
