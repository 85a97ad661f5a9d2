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
        var (isSound, isWhole) = (true, true)
        var (sound, all) = (0, 0)
        for row in try await rows(tenant) {
            let shown = try await ledger.registry.name(of: row) ?? row.id.hex
            let meter = ProgressMeter(
                "check \(shown)",
                total: row.size,
                unit: "events",
                form: output.progress
            )
            all += 1
            do {
                // What the projection has not seen yet could not be compared.
                let stop = try await ledger.projections().catchUp(row.id, [name])
                let (isRight, record) = try await check(name, row.id, shown) { meter.update($0) }
                meter.finish()
                if let stop {
                    Talk.say("\(shown): event \(stop.position) stops \(name): \(stop.reason)")
                }
                isSound = isSound && isRight
                isWhole = isWhole && stop == nil
                sound += isRight && stop == nil ? 1 : 0
                records.append(record)
            } catch let error as StoreError where error.isOfTenant {
                meter.finish()
                Failure.show(Problem(error), context: "\(shown): ")
                isWhole = false
            }
        }
        output.renderer.show(records)
        Talk.say("\(sound)/\(all) ok")
        if !isSound {
            Talk.say("stored \(name) differ from the log; tally projection rebuild \(name)")
        }
        if !(isSound && isWhole) { throw ExitStatus(code: 9) }
    }

    private func check(
        _ name: String,
        _ tenant: TenantID,
        _ shown: String,
        _ progress: (Int) -> Void
    ) async throws -> (isSound: Bool, record: Record) {
        let (readers, vault) = (ledger.readers, ledger.vault)
        switch name {
        case BuiltInProjection.documents:
            let verdict = try await ProjectionCheck(pool: readers, vault: vault, jobs: jobs)
                .run(tenant) { done, _ in progress(done) }
            for stream in verdict.tooLarge {
                Talk.say("\(shown): \(stream) is too large to be read as a document")
            }
            return (verdict.isSound, Self.record(shown, verdict))
        case BuiltInProjection.trail:
            let verdict = try await TrailCheck(pool: readers, vault: vault, jobs: jobs)
                .run(tenant, progress: progress)
            return (verdict.isSound, Self.record(shown, verdict))
        default:
            let verdict = try await table(name).run(tenant, progress: progress)
            return (verdict.differing.isEmpty, Self.record(shown, verdict))
        }
    }

    private func table(_ name: String) async throws -> TableCheck {
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

    private func rows(_ tenant: String?) async throws -> [TenantRow] {
        if let tenant { return [try await ledger.knownRow(tenant)] }
        return try await ledger.registry.list()
    }

    private static func record(_ name: String, _ verdict: TableVerdict) -> Record {
        Record([
            ("tenant", .text(name)),
            ("state", .text(verdict.differing.isEmpty ? "ok" : "BROKEN")),
            ("events", .integer(verdict.position)), ("rows", .integer(verdict.rows)),
            ("documents", .integer(verdict.documents)),
            ("differing", .text(verdict.differing.prefix(20).joined(separator: " "))),
        ])
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
