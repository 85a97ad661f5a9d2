// One check of a projection with a tenant or with all.

internal import TallyCore
internal import TallyCrypto
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// Replays logs and says whether what is stored is what they give.
struct CheckRun {
    let ledger: Ledger
    let output: OutputOptions
    let jobs: Int

    func run(_ name: String, _ tenant: String?) async throws {
        var records: [Record] = []
        var isSound = true
        for row in try await rows(tenant) {
            let shown = try await ledger.registry.name(of: row) ?? row.id.hex
            let meter = ProgressMeter(
                "check \(shown)",
                total: row.size,
                unit: "events",
                form: output.progress
            )
            // What the projection has not seen yet could not be compared.
            let stop = try await ledger.projections().catchUp(row.id, [name])
            let verdict = try await verdict(name, row.id) { meter.update($0) }
            meter.finish()
            if let stop {
                Talk.say("\(shown): event \(stop.position) stops \(name): \(stop.reason)")
            }
            isSound = isSound && verdict.isSound && stop == nil
            records.append(Self.record(shown, verdict))
        }
        output.renderer.show(records)
        if !isSound {
            Talk.say("stored \(name) differ from the log; tally projection rebuild \(name)")
            throw ExitStatus(code: 9)
        }
    }

    private func verdict(
        _ name: String,
        _ tenant: TenantID,
        _ progress: (Int) -> Void
    ) async throws -> ProjectionVerdict {
        if name == BuiltInProjection.trail {
            return try await TrailCheck(pool: ledger.readers, vault: ledger.vault, jobs: jobs)
                .run(tenant, progress: progress)
        }
        return try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault, jobs: jobs)
            .run(tenant) { done, _ in progress(done) }
    }

    private func rows(_ tenant: String?) async throws -> [TenantRow] {
        if let tenant { return [try await ledger.registry.find(tenant)] }
        return try await ledger.registry.list()
    }

    private static func record(_ name: String, _ verdict: ProjectionVerdict) -> Record {
        Record([
            ("tenant", .text(name)), ("state", .text(verdict.isSound ? "ok" : "BROKEN")),
            ("events", .integer(verdict.position)), ("rows", .integer(verdict.documents)),
            ("live_root", .text(verdict.live.hex)), ("replayed_root", .text(verdict.replayed.hex)),
            ("differing", .text(verdict.differing.prefix(20).joined(separator: " "))),
        ])
    }
}
