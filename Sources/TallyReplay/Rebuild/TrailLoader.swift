// Loads the trail of a whole log, a page of tags at a time and each word once.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Fills the next tables of the trail.
struct TrailLoader: RebuildLoader {
    let projection: any EventProjection
    private let trail: TrailProjection
    private let projectors: LogReader
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
        self.projectors = LogReader(pool: projectors)
        log = OpenedLog(pool: readers, vault: vault, jobs: jobs)
        self.version = version
    }

    func load(
        _ tenant: TenantID,
        _ size: Int,
        _ skipped: Set<Int>,
        _ progress: (Int) -> Void
    ) async throws(StoreError) -> Int {
        var words: [BlindTag: TrailWord] = [:]
        var rows = 0
        do {
            try await log.read(tenant, 0..<size) { events in
                let kept = events.filter { !skipped.contains($0.stored.position) }
                let entries = try await trail.entries(kept, tenant)
                words.merge(entries.words) { first, _ in first }
                rows += entries.tags.count
                try await store(entries.tags, tenant)
                progress((events.last?.stored.position ?? 0) + 1)
            }
            try await store(try await trail.seal(words, tenant), tenant)
        } catch {
            throw RebuildFailure.error(error)
        }
        return rows
    }

    private func store(
        _ tags: [(tag: BlindTag, position: Int)],
        _ tenant: TenantID
    ) async throws {
        let table = version.table("event_tag")
        try await projectors.run { connection in
            try connection.copyIn("\(table) (tenant_id, tag, position)") { writer in
                for (tag, position) in tags {
                    writer.row(fields: 3)
                    tenant.withUnsafeBytes { writer.field($0) }
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
        let table = version.table("dictionary")
        try await projectors.run { connection in
            try connection.copyIn("\(table) (tenant_id, tag, word_sealed)") { writer in
                for (tag, sealed) in words {
                    writer.row(fields: 3)
                    tenant.withUnsafeBytes { writer.field($0) }
                    tag.withUnsafeBytes { writer.field($0) }
                    writer.field(sealed)
                }
            }
        }
    }
}
