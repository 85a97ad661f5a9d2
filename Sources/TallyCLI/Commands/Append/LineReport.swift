// What an import tells: a receipt a line on stdout where a form was asked for, refused lines, and
// the count at the end.

internal import TallyCore
internal import TallyStore
internal import Tallystick

/// Tells line by line what became of them.
struct LineReport {
    let tenant: String
    private let form: OutputForm
    private let renderer: Renderer
    let isRehearsal: Bool
    private(set) var stored = 0
    private(set) var wouldStore = 0
    private(set) var repeated = 0
    private(set) var refused = 0
    /// The first refused line and why.
    private(set) var first: (line: InputLine, problem: Problem)?
    private var hasShown = false

    init(tenant: String, output: OutputOptions, isRehearsal: Bool) {
        self.tenant = tenant
        form = output.output
        renderer = output.renderer
        self.isRehearsal = isRehearsal
    }

    /// The lines that were looked at.
    var seen: Int { stored + wouldStore + repeated + refused }

    /// Takes a line's outcome.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - outcome: what became of it.
    ///   - listsRefused: whether a refused line is told here, and does not end the command.
    mutating func add(_ line: InputLine, _ outcome: LineOutcome, listsRefused: Bool) {
        switch outcome {
        case .stored(let receipts):
            stored += 1
            for receipt in receipts { show(AppendCommand.record(receipt, line)) }
        case .wouldStore: wouldStore += 1
        case .repeated: repeated += 1
        case .refused(let problem):
            let problem = problem.inLine
            refused += 1
            if first == nil { first = (line, problem) }
            if listsRefused { list(problem, line) }
        }
    }

    private mutating func show(_ record: Record) {
        guard form != .table else { return }
        renderer.stream(record, isFirst: !hasShown)
        hasShown = true
    }

    /// All refused lines as records where every line is a JSON object; else the first few on
    /// stderr.
    private func list(_ problem: Problem, _ line: InputLine) {
        switch form {
        case .json, .jsonl:
            Page.line(Self.record(problem, line).json)
        case .table, .csv, .id:
            guard refused <= InputLimits.shownRefusals else { return }
            Failure.show(problem, context: "line \(line.number): ")
        }
    }

    private static func record(_ problem: Problem, _ line: InputLine) -> Record {
        Record([
            ("line", .integer(line.number)),
            ("request", line.request.isEmpty ? .absent : .text(line.request)),
            ("error", .text(problem.code.rawValue)), ("message", .text(problem.message)),
            ("next", .text(problem.hint)),
            ("pointer", problem.pointer.map { .text($0) } ?? .absent),
            ("current_version", problem.currentVersion.map { .integer($0) } ?? .absent),
        ])
    }

    /// Says how many lines came to what.
    func summarize() {
        let hidden = refused - InputLimits.shownRefusals
        if hidden > 0, ![.json, .jsonl].contains(form) {
            Talk.say("\(hidden) more lines are refused; -o jsonl lists them all")
        }
        guard isRehearsal else {
            return Talk.say("\(stored)/\(seen) ok\(refused > 0 ? ", \(refused) refused" : "")")
        }
        let known = stored + repeated
        Talk.say(
            "would append \(wouldStore) events to \(tenant)"
                + (known > 0 ? "; \(known) are stored already" : "")
                + (refused > 0 ? "; would refuse \(refused)" : "")
        )
    }

    /// The end of an import at a refused line.
    func stopped(_ problem: Problem, at line: Int) -> Problem {
        let fate =
            problem.code == .outcomeUnknown
            ? ", and it is not known of that line and those behind it" : ", all lines before it"
        return ended("line \(line): \(problem.message); \(told)\(fate)", problem)
    }

    /// The end of an import whose input could not be read behind a line.
    func failed(_ problem: Problem, after line: Int) -> Problem {
        let refusals = refused > 0 ? ", \(refused) refused" : ""
        return ended("\(problem.message); up to line \(line) \(told)\(refusals)", problem)
    }

    private var told: String {
        let count = isRehearsal ? wouldStore + stored + repeated : stored
        let events = count == 1 ? "1 event" : "\(count) events"
        return isRehearsal
            ? "\(events) would be stored" : "\(events) \(count == 1 ? "is" : "are") stored"
    }

    private func ended(_ message: String, _ problem: Problem) -> Problem {
        Problem(
            problem.code,
            message,
            hint: "\(problem.remedy); lines with request ids can be sent again",
            pointer: problem.pointer,
            currentVersion: problem.currentVersion
        )
    }
}

extension Problem {
    /// The problem of the one event of a line or of flags, its pointer beginning there.
    var inLine: Problem {
        guard let pointer, pointer.utf8.starts(with: Self.onlyEvent.utf8) else { return self }
        let rest = String(
            decoding: pointer.utf8.dropFirst(Self.onlyEvent.utf8.count),
            as: UTF8.self
        )
        return Problem(
            code,
            message,
            hint: Remedy(hint),
            pointer: rest.isEmpty ? nil : rest,
            currentVersion: currentVersion
        )
    }

    private static let onlyEvent = "/events/0"
}
