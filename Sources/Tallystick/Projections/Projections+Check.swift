// Whether what is derived is what the log gives: a projection is never taken at its word.

public import TallyCore
internal import TallyCrypto
internal import TallyReplay

/// What a check of a projection with one tenant found.
public struct ProjectionReport: Sendable {
    /// The events that both sides cover.
    public let position: Int
    /// Rows that are stored.
    public let rows: Int
    /// Documents of a table's collection; `nil` for other projections.
    public let documents: Int?
    /// The state root of what is stored, 64 hexadecimal digits; `nil` for a table.
    public let liveRoot: String?
    /// The state root of what a replay from the first event gave; `nil` for a table.
    public let replayedRoot: String?
    /// What differs: names of streams, or a tag where the name is not known.
    public let differing: [String]
    /// Streams whose documents have outgrown 128 MiB; they are in neither root.
    public let tooLarge: [String]

    /// Whether what is stored is what the log gives.
    public var isSound: Bool { differing.isEmpty && liveRoot == replayedRoot }

    init(_ verdict: ProjectionVerdict) {
        position = verdict.position
        rows = verdict.documents
        documents = nil
        (liveRoot, replayedRoot) = (verdict.live.hex, verdict.replayed.hex)
        (differing, tooLarge) = (verdict.differing, verdict.tooLarge)
    }

    init(_ verdict: TableVerdict) {
        position = verdict.position
        rows = verdict.rows
        documents = verdict.documents
        (liveRoot, replayedRoot) = (nil, nil)
        (differing, tooLarge) = (verdict.differing, [])
    }
}

extension Projections {
    /// Replays a tenant's log and compares what it gives with what is stored.
    ///
    /// - Parameters:
    ///   - name: `documents`, `trail` or a table.
    ///   - tenant: whose.
    ///   - jobs: pages that are read and opened at a time.
    ///   - progress: is told how many events are done.
    /// - Returns: what differs.
    /// - Throws: `invalid` for a projection of an application's own, `misconfigured` for a log that
    ///   cannot be folded.
    /// - Complexity: O(events of the tenant).
    public func check(
        _ name: String,
        of tenant: Tenant,
        jobs: Int = 2,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> ProjectionReport {
        let (readers, vault) = (ledger.readers, ledger.vault)
        switch name {
        case BuiltInProjection.documents:
            return ProjectionReport(
                try await ProjectionCheck(pool: readers, vault: vault, jobs: jobs)
                    .run(tenant.id) { done, _ in progress(done) }
            )
        case BuiltInProjection.trail:
            return ProjectionReport(
                try await TrailCheck(pool: readers, vault: vault, jobs: jobs)
                    .run(tenant.id, progress: progress)
            )
        default:
            let check = try await tableCheck(name, jobs: jobs)
            return ProjectionReport(try await check.run(tenant.id, progress: progress))
        }
    }

    private func tableCheck(_ name: String, jobs: Int) async throws(Problem) -> TableCheck {
        let registry = TableRegistry(projectors: ledger.projectors)
        guard let found = try await registry.find(name) else {
            throw Problem(
                .invalid,
                "\(name) is a projection of the application's own",
                hint: "check documents, trail or a table projection"
            )
        }
        return TableCheck(
            found.definition,
            version: found.version,
            readers: ledger.readers,
            projectors: ledger.projectors,
            vault: ledger.vault,
            jobs: jobs
        )
    }
}
