// Compares the trail with a scan: each tag of each event, neither more nor less.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Checks the trail.
package struct TrailCheck: Sendable {
    private let reader: Session
    private let log: OpenedLog
    private let trail: TrailProjection

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault, jobs: Int = 2) {
        reader = Session(pool: pool)
        log = OpenedLog(pool: pool, vault: vault, jobs: jobs)
        trail = TrailProjection(version: .live(0), projectors: pool, vault: vault)
    }

    /// A tag of an event, ordered as the table is.
    private struct Entry: Sendable, Comparable {
        let tag: BlindTag
        let position: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.tag == right.tag ? left.position < right.position : left.tag < right.tag
        }

        var bytes: [UInt8] {
            tag.bytes + withUnsafeBytes(of: position.bigEndian) { [UInt8]($0) }
        }
    }

    /// Scans a tenant's log up to the cursor of the trail and compares.
    ///
    /// - Returns: a verdict whose roots are RFC 9162 trees over the tags in their order, and whose
    ///   differences are positions of events.
    /// - Complexity: O(events); memory for all tags.
    package func run(
        _ tenant: TenantID,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> ProjectionVerdict {
        let (position, skipped, stored) = try await stored(tenant)
        var scanned: [Entry] = []
        do {
            try await log.read(tenant, 0..<position, skipping: skipped) { events, end in
                for (tag, position) in try await trail.entries(events, tenant).tags {
                    scanned.append(Entry(tag: tag, position: position))
                }
                progress(end)
            }
        } catch {
            throw Problem(error)
        }
        scanned.sort()
        return ProjectionVerdict(
            position: position,
            live: Self.root(stored),
            replayed: Self.root(scanned),
            documents: stored.count,
            differing: Self.differences(stored, scanned).map { "event \($0)" }
        )
    }

    private func stored(
        _ tenant: TenantID
    ) async throws(Problem) -> (position: Int, skipped: Set<Int>, entries: [Entry]) {
        try await reader.scoped(tenant, isSnapshot: true, locking: "tally.event_tag") {
            connection in
            try connection.execute("SET LOCAL statement_timeout = 0")
            let trail = BuiltInProjection.trail
            let progress = try ProjectionProgress.read(connection, tenant, trail)
            let skipped = try ProjectionStops.read(connection, tenant, trail).skipped
            let slot = try connection.slot(of: tenant)
            var entries: [Entry] = []
            try connection.copyOut(
                """
                SELECT tag, position FROM tally.event_tag WHERE slot = \(slot)
                ORDER BY tag, position
                """
            ) { row in
                let tag = BlindTag(try row.bytes(0)) ?? .zero
                entries.append(Entry(tag: tag, position: Int(try row.integer(1))))
            }
            return (progress.position, skipped, entries)
        }
    }

    private static func root(_ entries: [Entry]) -> Digest {
        var tree = MerkleTree()
        var hash = SHA256()
        for entry in entries { tree.append(Leaf.hash(entry.bytes, with: &hash), with: &hash) }
        return tree.root(with: &hash)
    }

    /// Positions of which one side has a tag that the other lacks, walking both in order.
    private static func differences(_ left: [Entry], _ right: [Entry]) -> [Int] {
        var (at, other) = (0, 0)
        var positions: Set<Int> = []
        while at < left.count || other < right.count {
            if other == right.count || (at < left.count && left[at] < right[other]) {
                positions.insert(left[at].position)
                at += 1
            } else if at == left.count || right[other] < left[at] {
                positions.insert(right[other].position)
                other += 1
            } else {
                (at, other) = (at + 1, other + 1)
            }
        }
        return positions.sorted()
    }
}
