// What really happened, read from the tables with a superuser's eyes and through the verifier,
// and held against what callers were told.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

/// An event as the tables have it.
struct StoredFact: Equatable {
    let position: Int
    let version: Int?
    let recordedAt: UInt64
    let eventID: String
    let leafHash: String

    /// Whether a receipt says exactly this.
    func agrees(with receipt: Receipt) -> Bool {
        position == receipt.position && version == receipt.version
            && recordedAt == receipt.recordedAt.micros && eventID == receipt.eventID
            && leafHash == receipt.leafHash
    }
}

/// Reads a ledger's tables.
struct Witness {
    let configuration: LedgerConfiguration

    /// The witness of the running test's ledger.
    static var current: Witness {
        get throws { Witness(configuration: try TestLedger.current.configuration) }
    }

    func superuser() throws -> Connection {
        try Connection(ConnectionConfiguration(uri: configuration.database))
    }

    func keyStore() throws -> Connection {
        try Connection(ConnectionConfiguration(uri: configuration.keys))
    }

    /// A tenant's events in order.
    func facts(_ tenant: TenantID) throws -> [StoredFact] {
        let rows = try superuser().query(
            """
            SELECT position, version, leaf FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1) ORDER BY position
            """,
            [.uuid(tenant.bytes)]
        )
        return try (0..<rows.count).map { row in
            let bytes = try rows.bytes(row, 2)
            let leaf = try Leaf(decoding: bytes)
            return StoredFact(
                position: Int(try rows.integer(row, 0)),
                version: rows.isNull(row, 1) ? nil : Int(try rows.integer(row, 1)),
                recordedAt: leaf.recordedAt,
                eventID: leaf.eventID.hex,
                leafHash: SHA256.hash([0] + bytes).hex
            )
        }
    }

    /// Expects each receipt to be in the table as it says, and each event id once.
    func expectTrue(
        _ receipts: [Receipt],
        _ tenant: TenantID,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let facts = try facts(tenant)
        let lies = receipts.filter { receipt in
            guard facts.indices.contains(receipt.position) else { return true }
            return !facts[receipt.position].agrees(with: receipt)
        }
        #expect(
            lies.isEmpty,
            "receipts that the table does not bear out",
            sourceLocation: sourceLocation
        )
        #expect(
            Set(facts.map(\.eventID)).count == facts.count,
            "an event is there twice",
            sourceLocation: sourceLocation
        )
    }

    /// Expects contiguous positions, rising times, the head at the end, and a clean verdict.
    func expectSound(
        _ tenant: TenantID,
        vault: Vault? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let facts = try facts(tenant)
        #expect(facts.map(\.position) == Array(facts.indices), sourceLocation: sourceLocation)
        let times = facts.map(\.recordedAt)
        #expect(
            zip(times, times.dropFirst()).allSatisfy { $0 < $1 },
            "times rise",
            sourceLocation: sourceLocation
        )
        let verdict = try await verdict(tenant, vault: vault)
        #expect(verdict.size == facts.count, sourceLocation: sourceLocation)
        #expect(verdict.findings == [], sourceLocation: sourceLocation)
    }

    /// What `tally verify` says of a tenant.
    func verdict(_ tenant: TenantID, vault: Vault? = nil) async throws -> TenantVerdict {
        let pool = configuration.pool(role: "tally_auditor")
        defer { pool.close() }
        return try await TenantVerifier(pool: pool, jobs: 1, vault: vault).verify(tenant) { _ in }
    }

    /// What `tally verify` finds wrong with a tenant.
    func findings(_ tenant: TenantID) async throws -> [Finding] {
        try await verdict(tenant).findings
    }

    /// How many events a tenant has, its genesis not counted.
    func eventCount(_ tenant: TenantID) throws -> Int {
        try facts(tenant).count { $0.version != nil }
    }

    /// Where the streams of a tenant begin, by tag.
    func beginnings(_ tenant: TenantID) throws -> [BlindTag: Int] {
        let rows = try superuser().query(
            """
            SELECT stream, position FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1) AND version = 1
            """,
            [.uuid(tenant.bytes)]
        )
        var found: [BlindTag: Int] = [:]
        for row in 0..<rows.count {
            let tag = try #require(BlindTag(try rows.bytes(row, 0)))
            found[tag] = Int(try rows.integer(row, 1))
        }
        return found
    }
}
