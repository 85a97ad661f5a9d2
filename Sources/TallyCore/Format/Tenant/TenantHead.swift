// What a round publishes of one tenant, and of all: sizes and hashes, no content.

package import TallyCrypto

/// Whether a tenant accepts events; a fold of its ledger kinds.
public enum TenantState: UInt8, Sendable, CaseIterable {
    /// It accepts events.
    case active = 0
    /// Its processing is restricted (GDPR Art. 18).
    case frozen = 1
    /// Its keys are destroyed.
    case erased = 2
}

/// The head of a tenant's log: 103 bytes, a leaf of the round's map at the tenant's slot.
package struct TenantHead: Sendable, Equatable {
    package var slot: UInt32
    package var state: TenantState
    package var tenant: TenantID
    package var size: UInt64
    package var root: Digest
    package var lastLeafHash: Digest
    /// The last leaf's time, µs since 1970.
    package var recordedAt: UInt64

    /// Makes a head of its fields.
    package init(
        slot: UInt32,
        state: TenantState,
        tenant: TenantID,
        size: UInt64,
        root: Digest,
        lastLeafHash: Digest,
        recordedAt: UInt64
    ) {
        self.slot = slot
        self.state = state
        self.tenant = tenant
        self.size = size
        self.root = root
        self.lastLeafHash = lastLeafHash
        self.recordedAt = recordedAt
    }

    /// The head's bytes.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 103)
        writer.write(UInt16(1))
        writer.write(slot)
        writer.write(state.rawValue)
        writer.write(tenant)
        writer.write(size)
        writer.write(root)
        writer.write(lastLeafHash)
        writer.write(recordedAt)
        return writer.bytes
    }

    /// Reads a head.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "TenantHead")
        try reader.require(version: reader.integer(UInt16.self))
        slot = try reader.integer()
        guard let state = TenantState(rawValue: try reader.byte()) else {
            throw reader.refusal(.kind)
        }
        self.state = state
        tenant = try reader.identifier()
        size = try reader.integer()
        root = try reader.digest()
        lastLeafHash = try reader.digest()
        recordedAt = try reader.integer()
        try reader.end()
    }
}

/// One publication of all heads: 86 bytes, a leaf of the rounds log.
package struct RoundRecord: Sendable, Equatable {
    package var round: UInt64
    package var recordedAt: UInt64
    package var slots: UInt32
    package var mapRoot: Digest
    /// Zero, but in round 0 of a log that succeeds another one.
    package var previous: Digest

    /// Makes a record of its fields.
    package init(
        round: UInt64,
        recordedAt: UInt64,
        slots: UInt32,
        mapRoot: Digest,
        previous: Digest
    ) {
        self.round = round
        self.recordedAt = recordedAt
        self.slots = slots
        self.mapRoot = mapRoot
        self.previous = previous
    }

    /// The record's bytes.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 86)
        writer.write(UInt16(1))
        writer.write(round)
        writer.write(recordedAt)
        writer.write(slots)
        writer.write(mapRoot)
        writer.write(previous)
        return writer.bytes
    }

    /// Reads a record.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "RoundRecord")
        try reader.require(version: reader.integer(UInt16.self))
        round = try reader.integer()
        recordedAt = try reader.integer()
        slots = try reader.integer()
        mapRoot = try reader.digest()
        previous = try reader.digest()
        guard round == 0 || previous == .zero else { throw reader.refusal(.digest) }
        try reader.end()
    }
}
