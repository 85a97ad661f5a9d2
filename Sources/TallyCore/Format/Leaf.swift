// The canonical bytes of one event that are hashed: chain link and tree leaf in one.

package import TallyCrypto

/// One event as the chain commits to it: 84 + 32n bytes for n parts.
package struct Leaf: Sendable, Equatable {
    /// What sort of fact this is.
    package var kind: EventKind
    /// Whose log this is in.
    package var tenant: TenantID
    /// The 0-based index in the tenant's log.
    package var position: UInt64
    /// The ledger's clock, µs since 1970, strictly increasing within a tenant.
    package var recordedAt: UInt64
    /// The id that Tallystick drew.
    package var eventID: EventID
    /// The leaf hash at `position - 1`, or the genesis value.
    package var previous: Digest
    /// SHA-256 of each part's bytes, in order.
    package var partDigests: [Digest]

    /// Makes a leaf of its fields.
    package init(
        kind: EventKind,
        tenant: TenantID,
        position: UInt64,
        recordedAt: UInt64,
        eventID: EventID,
        previous: Digest,
        partDigests: [Digest]
    ) {
        self.kind = kind
        self.tenant = tenant
        self.position = position
        self.recordedAt = recordedAt
        self.eventID = eventID
        self.previous = previous
        self.partDigests = partDigests
    }

    /// The leaf's bytes.
    package func encoded() -> [UInt8] {
        precondition(FormatLimits.partCount.contains(partDigests.count))
        var writer = ByteWriter(capacity: 84 + 32 * partDigests.count)
        writer.write(UInt16(1))
        writer.write(kind.rawValue)
        writer.write(tenant)
        writer.write(position)
        writer.write(recordedAt)
        writer.write(eventID)
        writer.write(previous)
        writer.write(UInt8(partDigests.count))
        for digest in partDigests { writer.write(digest) }
        return writer.bytes
    }

    /// Reads a leaf and refuses everything that ``encoded()`` would not write.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "Leaf")
        try reader.require(version: reader.integer(UInt16.self))
        guard let kind = EventKind(rawValue: try reader.byte()) else {
            throw reader.refusal(.kind)
        }
        self.kind = kind
        tenant = try reader.identifier()
        position = try reader.integer()
        recordedAt = try reader.integer()
        eventID = try reader.identifier()
        previous = try reader.digest()
        let count = Int(try reader.byte())
        guard FormatLimits.partCount.contains(count) else { throw reader.refusal(.count) }
        partDigests = []
        partDigests.reserveCapacity(count)
        for _ in 0..<count { partDigests.append(try reader.digest()) }
        try reader.end()
    }

    /// The hash of a leaf's bytes (RFC 9162, section 2.1.1): 0x00, then the leaf.
    package static func hash(_ bytes: [UInt8], with hash: inout SHA256) -> Digest {
        hash.update(0)
        hash.update(bytes)
        return hash.finalize()
    }

    /// The `previous` of a tenant's first leaf, which binds it to ledger, tenant and slot.
    package static func genesisPrevious(
        ledger: LedgerID,
        tenant: TenantID,
        slot: UInt32
    ) -> Digest {
        var writer = ByteWriter(label: "tallystick genesis v1")
        writer.write(ledger)
        writer.write(tenant)
        writer.write(slot)
        return SHA256.hash(writer.bytes)
    }
}
