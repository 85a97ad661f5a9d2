// Loads the trail of a whole log, a page of tags at a time and each word once.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Fills the next tables of the trail.
struct TrailLoader: RebuildLoader {
    let projection: any EventProjection
    let tables = ["event_tag", "dictionary"]
    let schema = "tally"
    private let trail: TrailProjection
    private let projectors: Session
    private let log: OpenedLog
    private let version: ProjectionVersion

    init(
        _ readers: ConnectionPool,
        _ projectors: ConnectionPool,
        _ vault: Vault,
        _ jobs: Int,
        _ version: ProjectionVersion
    ) {
        trail = TrailProjection(version: version, projectors: projectors, vault: vault)
        projection = trail
        self.projectors = Session(pool: projectors)
        log = OpenedLog(pool: readers, vault: vault, jobs: jobs)
        self.version = version
    }

    func load(
        _ tenant: TenantID,
        _ size: Int,
        _ skipped: Set<Int>,
        _ progress: (Int) -> Void
    ) async throws(Problem) -> Int {
        var words: [BlindTag: TrailWord] = [:]
        var rows = 0
        do {
            try await log.read(tenant, 0..<size, skipping: skipped) { events, end in
                let entries = try await trail.entries(events, tenant)
                words.merge(entries.words) { first, _ in first }
                rows += entries.tags.count
                try await store(entries.tags, tenant)
                progress(end)
            }
            try await store(try await trail.seal(words, tenant), tenant)
        } catch {
            throw Problem(error)
        }
        return rows
    }

    private func store(
        _ tags: [(tag: BlindTag, position: Int)],
        _ tenant: TenantID
    ) async throws {
        let (version, name) = (version, projection.name)
        try await projectors.pinned(tenant) { connection in
            _ = try version.oids(connection, name, ["event_tag"])
            let slot = try connection.slot(of: tenant)
            try connection.copyIn(version.table("event_tag") + " (slot, tag, position)") { writer in
                for (tag, position) in tags {
                    writer.row(fields: 3)
                    writer.field(slot)
                    tag.withUnsafeBytes { writer.field($0) }
                    writer.field(Int64(position))
                }
            }
        }
    }

    private func store(
        _ words: [(tag: BlindTag, sealed: [UInt8])],
        _ tenant: TenantID
    ) async throws {
        let (version, name) = (version, projection.name)
        try await projectors.pinned(tenant) { connection in
            _ = try version.oids(connection, name, ["dictionary"])
            let slot = try connection.slot(of: tenant)
            try connection.copyIn(version.table("dictionary") + " (slot, tag, word_sealed)") {
                writer in
                for (tag, sealed) in words {
                    writer.row(fields: 3)
                    writer.field(slot)
                    tag.withUnsafeBytes { writer.field($0) }
                    writer.field(sealed)
                }
            }
        }
    }
}
