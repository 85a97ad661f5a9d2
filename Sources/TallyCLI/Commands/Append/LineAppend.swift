// Appends NDJSON lines in batches, in order, and stops at the first batch with a bad line.

internal import Foundation
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

/// One run of `tally append TENANT` over standard input.
struct LineAppend {
    private static let batchLines = 500
    private static let batchBytes = 4 << 20
    private static let shownProblems = 10

    private struct Line {
        let number: Int
        let event: NewEvent
        let request: String
    }

    let tenant: Tenant
    let output: OutputOptions
    let dryRun: Bool

    /// Appends until the end of input.
    ///
    /// - Throws: the first bad line's ``Problem``; what was appended before stays.
    func run() async throws {
        var reader = LineReader()
        let meter = ProgressMeter("append", total: nil, unit: "events", form: output.progress)
        var done = 0
        var seen = 0
        while true {
            let (lines, problem) = Self.batch(&reader)
            seen += lines.count
            if !dryRun { done += try await append(lines, before: done) }
            meter.update(dryRun ? seen : done)
            if let problem {
                meter.finish()
                throw Self.located(problem, line: reader.number, done: done)
            }
            guard !lines.isEmpty else { break }
        }
        meter.finish()
        Talk.say(dryRun ? "would append \(seen) events" : "\(done)/\(seen) ok")
    }

    /// The next lines, up to a bad one.
    private static func batch(_ reader: inout LineReader) -> ([Line], Problem?) {
        var lines: [Line] = []
        var bytes = 0
        do throws(Problem) {
            while lines.count < batchLines, bytes < batchBytes {
                guard let text = try reader.next() else { break }
                bytes += text.count
                let (event, request) = try EventLine.read(text)
                lines.append(
                    Line(
                        number: reader.number,
                        event: event,
                        request: request ?? RequestID.draw(at: Micros.now())
                    )
                )
            }
            return (lines, nil)
        } catch {
            return (lines, error)
        }
    }

    private func append(_ lines: [Line], before done: Int) async throws -> Int {
        let results = await tenant.append(
            requests: lines.map { (events: [$0.event], id: $0.request) }
        )
        var failed: [(line: Int, problem: Problem)] = []
        for (line, result) in zip(lines, results) {
            switch result {
            case .success(let receipts): show(receipts)
            case .failure(let problem): failed.append((line.number, problem))
            }
        }
        let stored = lines.count - failed.count
        guard let first = failed.first else { return stored }
        for (line, problem) in failed.prefix(Self.shownProblems).dropFirst() {
            Failure.show(problem, context: "line \(line): ")
        }
        throw Self.located(first.problem, line: first.line, done: done + stored)
    }

    private func show(_ receipts: [Receipt]) {
        guard output.output != .table else { return }
        let form = output.output == .json ? OutputForm.jsonl : output.output
        Renderer(form: form).show(receipts.map { AppendCommand.record($0) })
    }

    private static func located(_ problem: Problem, line: Int, done: Int) -> Problem {
        Problem(
            problem.code,
            "line \(line): \(problem.message); \(done) events are stored",
            hint: "\(problem.hint); lines with request ids can be sent again",
            pointer: problem.pointer,
            currentVersion: problem.currentVersion
        )
    }
}
