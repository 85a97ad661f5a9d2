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
        content: Content,
        tenant: TenantID,
        subjectTag: BlindTag = .zero,
        retentionClass: String = "",
        generation: UInt32 = 0,
        createdAt: UInt64,
        wrapped: [UInt8]
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
        fields.write(retentionClass, within: FormatLimits.retentionClass)
        fields.write(generation)
        fields.write(createdAt)
        fields.write(wrapped)
        var record = ByteWriter(capacity: 292)
        record.write(UInt32(fields.bytes.count + Digest.byteCount))
        record.write(fields.bytes)
        record.write(SHA256.hash(fields.bytes))
        return record.bytes
    }

    /// Reads one whole record.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "JournalRecord")
        let rest = try reader.take(Int(try reader.integer(UInt32.self)))
        try reader.end()
        guard rest.count >= Digest.byteCount else { throw reader.refusal(.length) }
        let fields = [UInt8](rest.dropLast(Digest.byteCount))
        guard Digest(rest.suffix(Digest.byteCount)) == SHA256.hash(fields) else {
            throw reader.refusal(.digest)
        }
        try self.init(fields: fields)
    }

    private init(fields: [UInt8]) throws(FormatError) {
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
        switch content {
        case .key: _ = try WrappedKey(decoding: wrapped)
        case .twk: _ = try WrappedTWK(decoding: wrapped)
        }
    }
}

extension JournalRecord {
    /// More bytes than any record has; a longer end of a journal is not one torn record.
    static let byteCountLimit = 2048

    /// Reads the record at the beginning of `bytes`, or gives `nil` when it is torn or damaged;
    /// ``requireTorn(_:)`` tells which.
    package static func read(_ bytes: ArraySlice<UInt8>) -> (record: Self, byteCount: Int)? {
        guard let count = byteCount(bytes),
            let record = try? Self(decoding: [UInt8](bytes.prefix(count)))
        else { return nil }
        return (record, count)
    }

    /// Requires what ``read(_:)`` does not read at the end of a journal to be a record that was
    /// never completed: the journal ends in it, or it is the last and its digest is not its own.
    ///
    /// Any other damage is refused, because whole records may lie behind it.
    package static func requireTorn(_ end: ArraySlice<UInt8>) throws(FormatError) {
        guard let count = byteCount(end) else { return try requireBeginning(end) }
        do throws(FormatError) {
            _ = try Self(decoding: [UInt8](end.prefix(count)))
        } catch {
            guard error.code == .digest, count == end.count else { throw error }
        }
    }

    /// Requires that bytes can be the beginning of a record, as far as they go: its length, then
    /// its type.
    private static func requireBeginning(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
        let known = bytes.prefix(4)
        let least = known.reduce(0) { $0 << 8 | Int($1) } << (8 * (4 - known.count))
        guard least <= byteCountLimit - 4 else { throw FormatError(.length, in: "JournalRecord") }
        guard let type = bytes.dropFirst(4).first, Content(rawValue: type) == nil else { return }
        throw FormatError(.kind, in: "JournalRecord")
    }

    /// The size of the first record of a journal, or `nil` when the journal ends in it.
    private static func byteCount(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let count = 4 + bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return bytes.count >= count ? count : nil
    }
}
