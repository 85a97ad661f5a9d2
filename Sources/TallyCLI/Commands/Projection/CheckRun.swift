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
        for (tenant, size) in try await ledger.named(tenant) {
            let meter = ProgressMeter(
                "check \(tenant.name)",
                total: size,
                unit: "events",
                form: output.progress
            )
            all += 1
            do throws(Problem) {
                // What the projection has not seen yet could not be compared.
                let stop = try await ledger.projections.catchUp([name], of: tenant)
                let report = try await ledger.projections.check(name, of: tenant, jobs: jobs) {
                    meter.update($0)
                }
                meter.finish()
                say(stop, report, name, tenant.name)
                isSound = isSound && report.isSound
                isWhole = isWhole && stop == nil
                sound += report.isSound && stop == nil ? 1 : 0
                records.append(Self.record(tenant.name, report))
            } catch {
                guard error.isOfTenant else { throw error }
                meter.finish()
                Failure.show(error, context: "\(tenant.name): ")
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

    private func say(
        _ stop: ProjectionStop?,
        _ report: ProjectionReport,
        _ name: String,
        _ tenant: String
    ) {
        if let stop {
            Talk.say("\(tenant): event \(stop.position) stops \(name): \(stop.reason)")
        }
        for stream in report.tooLarge {
            Talk.say("\(tenant): \(stream) is too large to be read as a document")
        }
    }

    private static func record(_ name: String, _ report: ProjectionReport) -> Record {
        let roots: [(String, Record.Value)] =
            report.documents.map { [("documents", .integer($0))] } ?? [
                ("live_root", .text(report.liveRoot ?? "")),
                ("replayed_root", .text(report.replayedRoot ?? "")),
            ]
        return Record(
            [
                ("tenant", .text(name)), ("state", .text(report.isSound ? "ok" : "BROKEN")),
                ("events", .integer(report.position)), ("rows", .integer(report.rows)),
            ] + roots + [("differing", .text(report.differing.prefix(20).joined(separator: " ")))]
        )
    }
}
