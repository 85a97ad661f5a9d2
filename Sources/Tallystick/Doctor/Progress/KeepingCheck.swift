// Projections that were registered and that nobody keeps: every erasure waits for them.

internal import TallyReplay
internal import TallyStore

/// Looks for projections of the application to which no event was ever applied.
struct KeepingCheck {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    func findings() async throws -> [DoctorFinding] {
        let pool = ledger.projectors
        // An erasure applies events to those that the ledger keeps itself.
        let kept = Set(try await TableRegistry(projectors: pool).live().map(\.definition.name))
            .union([BuiltInProjection.documents, BuiltInProjection.trail])
        var idle: [String] = []
        for (name, version) in try await ProjectionRunner.versions(pool) where !kept.contains(name)
        {
            let progress = try await ProjectionRunner.progress(pool, name, version)
            if progress.allSatisfy({ $0.position == 0 }) { idle.append(name) }
        }
        let names = idle.sorted().joined(separator: ", ")
        return [
            DoctorFinding(
                "projections of the application",
                idle.isEmpty ? .good : .weak,
                idle.isEmpty
                    ? "each was applied" : "no event was applied to \(names); erasures wait",
                do: "run the service that keeps it, or: \(.removeProjection("NAME"))"
            )
        ]
    }
}
