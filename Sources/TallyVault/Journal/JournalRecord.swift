// One line of the key journal: a wrapped key with what its wrap is bound to.

package import TallyCore
internal import TallyCrypto

/// A key as the journal keeps it; everything but the KEK that is needed to bring it back.
package struct JournalRecord: Sendable, Equatable {
    /// What the record holds.
    package enum Content: UInt8, Sendable {
        /// A ``TallyCore/WrappedKey``.
        case key = 1
        /// A ``TallyCore/WrappedTWK``.
        case twk = 2
    }

    package var content: Content
    package var tenant: TenantID
    package var subjectTag: BlindTag
    package var retentionClass: String
    package var generation: UInt32
    /// µs since 1970.
    package var createdAt: UInt64
    package var wrapped: [UInt8]

    /// Makes a record of its fields.
    package init(
        content: Content, tenant: TenantID, subjectTag: BlindTag = .zero,
        retentionClass: String = "", generation: UInt32 = 0, createdAt: UInt64, wrapped: [UInt8]
    ) {
        self.content = content
        self.tenant = tenant
        self.subjectTag = subjectTag
        self.retentionClass = retentionClass
        self.generation = generation
        self.createdAt = createdAt
        self.wrapped = wrapped
    }

    /// The record's bytes: the length of the rest, the fields, and their SHA-256.
    package func encoded() -> [UInt8] {
        var fields = ByteWriter(capacity: 256)
        fields.write(content.rawValue)
        fields.write(tenant)
        fields.write(subjectTag)
        fields.write(retentionClass.utf8, within: FormatLimits.retentionClass)
        fields.write(generation)
        fields.write(createdAt)
        fields.write(wrapped)
        var record = ByteWriter(capacity: 292)
        record.write(UInt32(fields.bytes.count + Digest.byteCount))
        record.write(fields.bytes)
        record.write(SHA256.hash(fields.bytes))
        return record.bytes
    }

    /// The smallest and largest length that a record can announce.
    static let lengths = 1 + 16 + 16 + 1 + 4 + 8 + Digest.byteCount...2048

    /// Reads the record at the beginning of `bytes`, or gives `nil` when it is torn.
    package static func read(_ bytes: ArraySlice<UInt8>) -> (record: Self, byteCount: Int)? {
        guard bytes.count >= 4 else { return nil }
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard lengths.contains(length), bytes.count >= 4 + length else { return nil }
        let rest = bytes.dropFirst(4).prefix(length)
        let fields = [UInt8](rest.dropLast(Digest.byteCount))
        guard Digest(rest.suffix(Digest.byteCount)) == SHA256.hash(fields),
            let record = try? Self(decoding: fields)
        else { return nil }
        return (record, 4 + length)
    }

    private init(decoding fields: [UInt8]) throws(FormatError) {
        var reader = ByteReader(fields, structure: "JournalRecord")
        guard let content = Content(rawValue: try reader.byte()) else {
            throw reader.refusal(.kind)
        }
        self.content = content
        tenant = try reader.identifier()
        subjectTag = try reader.identifier()
        retentionClass = try reader.text(within: FormatLimits.retentionClass)
        generation = try reader.integer()
        createdAt = try reader.integer()
        wrapped = [UInt8](reader.takeRest())
    }
}
