// A stored document: the current state of one stream, sealed part by part under the same keys as
// its events.

package import TallyCrypto

/// The plaintext of part 0 of a stored document; the other parts are ``Personal``.
package struct DocumentPart: Sendable, Equatable {
    /// The stream, 1 to 1024 bytes.
    package var stream: String
    /// Canonical JSON.
    package var data: PartData
    /// Parts that were folded in and can be read no more.
    package var erasedParts: Int
    /// Digests of the personal parts folded in since the last put or delete.
    package var partDigests: [Digest]

    /// Makes a part of its fields.
    package init(stream: String, data: PartData, erasedParts: Int, partDigests: [Digest]) {
        self.stream = stream
        self.data = data
        self.erasedParts = erasedParts
        self.partDigests = partDigests
    }

    /// The part's bytes, padded to a multiple of 32.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64 + data.bytes.count + 32 * partDigests.count)
        writer.write(UInt8(1))
        writer.write(data.encoding.rawValue)
        writer.write(stream, within: FormatLimits.stream)
        data.write(to: &writer)
        writer.write(UInt32(erasedParts))
        writer.write(UInt32(partDigests.count))
        for digest in partDigests { writer.write(digest) }
        writer.pad()
        return writer.bytes
    }

    /// Reads a padded part.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "DocumentPart")
        try reader.require(version: reader.byte())
        let encoding = try reader.encoding()
        stream = try reader.text(within: FormatLimits.stream)
        data = try PartData(encoding: encoding, readingFrom: &reader)
        try data.requireText(reader)
        erasedParts = Int(try reader.integer(UInt32.self))
        let count = Int(try reader.integer(UInt32.self))
        guard count <= reader.remaining / Digest.byteCount else {
            throw reader.refusal(.truncated)
        }
        partDigests = []
        partDigests.reserveCapacity(count)
        for _ in 0..<count { partDigests.append(try reader.digest()) }
        try reader.endPadded()
    }
}

/// The place of a part of a stored document, which its ciphertext is bound to.
package struct DocumentPlace: Sendable {
    let ledger: LedgerID
    let tenant: TenantID
    let stream: BlindTag
    let version: UInt64
    let partCount: UInt16
    let snapshot: SnapshotBinding?

    /// Names the document whose parts are sealed.
    package init(
        ledger: LedgerID,
        tenant: TenantID,
        stream: BlindTag,
        version: UInt64,
        partCount: Int,
        snapshot: SnapshotBinding? = nil
    ) {
        self.ledger = ledger
        self.tenant = tenant
        self.stream = stream
        self.version = version
        self.partCount = UInt16(partCount)
        self.snapshot = snapshot
    }

    /// The associated data of the part at `index` under one key.
    package func associated(index: Int, keyID: KeyID) -> [UInt8] {
        var writer = ByteWriter(label: "tallystick document part v1")
        writer.write(ledger)
        writer.write(tenant)
        writer.write(stream)
        writer.write(version)
        writer.write(UInt16(index))
        writer.write(partCount)
        writer.write(keyID)
        if let snapshot {
            writer.write(snapshot.fold)
            writer.write(snapshot.position)
            writer.write(snapshot.leafHash)
        }
        return writer.bytes
    }
}

/// What a snapshot is bound to besides its place: the rules of the fold, and the log up to its
/// event.
package struct SnapshotBinding: Sendable {
    /// The version of the fold's rules.
    package let fold: UInt16
    /// The position of the stream's newest event in the document.
    package let position: UInt64
    /// The leaf hash of that event, which commits to every event before it.
    package let leafHash: Digest

    /// Binds to an event under the rules of the fold.
    package init(fold: UInt16 = StreamFold.version, position: UInt64, leafHash: Digest) {
        self.fold = fold
        self.position = position
        self.leafHash = leafHash
    }

    /// Binds to a stored event.
    package init(_ position: Int, leaf: [UInt8]) {
        var hash = SHA256()
        self.init(position: UInt64(position), leafHash: Leaf.hash(leaf, with: &hash))
    }
}
