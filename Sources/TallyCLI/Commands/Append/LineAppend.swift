// Appends NDJSON lines in batches and in order.

internal import TallyCore
internal import TallyStore
internal import Tallystick

/// One run of `tally append TENANT` over standard input.
struct LineAppend {
    let tenant: Tenant
    let output: OutputOptions
    let isRehearsal: Bool
    /// Whether lines behind a refused one are appended.
    let keepGoing: Bool

    /// Appends until the end of input.
    ///
    /// - Throws: why the input could not be read further, or the first refused line's ``Problem``:
    ///   what was appended before stays, and nothing behind it is appended. With `keepGoing` the
    ///   exit status of the first refused line.
    func run() async throws {
        var reader = LineReader()
        var mode = try mode()
        var report = LineReport(tenant: tenant.name, output: output, isRehearsal: isRehearsal)
        let meter = ProgressMeter("append", total: nil, unit: "events", form: output.progress)
        while true {
            let batch = InputBatch(&reader, pastRefused: keepGoing)
            for (line, outcome) in zip(
                batch.lines,
                await mode.outcomes(of: batch.lines, in: tenant)
            ) {
                report.add(line, outcome, listsRefused: keepGoing)
            }
            meter.update(report.seen)
            if let first = report.first, !keepGoing {
                meter.finish()
                throw await report.stopped(
                    explained(first.problem, first.line),
                    at: first.line.number
                )
            }
            guard batch.isLast else { continue }
            meter.finish()
            if let fault = batch.fault { throw report.failed(fault, after: reader.number) }
            break
        }
        report.summarize()
        if let first = report.first { throw ExitStatus(code: first.problem.code.exitCode) }
    }

    private func explained(_ problem: Problem, _ line: InputLine) async -> Problem {
        guard case .success(let event) = line.event else { return problem }
        return await problem.explained(event, in: tenant)
    }

    private func mode() throws(Problem) -> LineMode {
        guard isRehearsal else { return keepGoing ? .keepGoing : .inOrder }
        return .rehearsal(try tenant.rehearsal(), keepGoing: keepGoing)
    }
}
