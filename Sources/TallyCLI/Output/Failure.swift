// How a command ends badly: what, why, do this, and an exit code that scripts can rely on.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import Tallystick

/// A command's end with an exit code other than 0, after it has said everything.
struct ExitStatus: Error {
    let code: Int32

    /// Integrity is broken; nothing else ever ends with 3.
    static let broken = ExitStatus(code: 3)
    /// A check could not run, but nothing was found broken.
    static let incomplete = ExitStatus(code: 8)
}

/// Shows errors: three lines for people, or an object for programs that asked for JSON.
enum Failure {
    /// The form of the data, which is that of errors too.
    private static let form = OutputForm.asked(in: CommandLine.arguments)

    /// Shows an error and gives the exit code that it ends with.
    static func end(_ error: any Error) -> Int32 {
        if let status = error as? ExitStatus { return status.code }
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch Tally.exitCode(for: error) {
        case .success:
            if let unknown = UsageError(unknownCommandIn: arguments) { return end(unknown) }
            help(error)
            return 0
        case .validationFailure: return end(UsageError(error, arguments))
        default:
            let problem = Problem(error)
            show(problem)
            return problem.code.exitCode
        }
    }

    private static func end(_ usage: UsageError) -> Int32 {
        let code = ExitCode.validationFailure.rawValue
        say(usage.message, kind: "usage", hint: usage.hint, exit: code)
        return code
    }

    /// Help, a version or a script for a shell: what the parser calls an error, and nobody else.
    private static func help(_ error: any Error) {
        let text = Tally.fullMessage(for: error, columns: HelpPage.endless)
        guard text.hasPrefix("OVERVIEW: ") else { return Page.line(text) }
        let columns = TerminalWidth.columns(of: STDOUT_FILENO) ?? TerminalWidth.usual
        Page.line(HelpPage(text, columns: columns).text)
    }

    /// Shows a problem on stderr: what and where, its kind, what to do.
    static func show(_ problem: Problem, context: String = "") {
        say(
            context + problem.message,
            kind: problem.code.rawValue,
            hint: problem.hint,
            pointer: problem.pointer,
            exit: problem.code.exitCode
        )
    }

    private static func say(
        _ message: String,
        kind: String,
        hint: String,
        pointer: String? = nil,
        exit: Int32
    ) {
        if [.json, .jsonl].contains(form) {
            let error = Record([
                ("code", .text(kind)), ("message", .text(message)), ("hint", .text(hint)),
                ("pointer", pointer.map { .text($0) } ?? .absent), ("exit", .integer(Int(exit))),
            ])
            return Talk.say("{\"error\":\(error.json)}")
        }
        let place = pointer.map { " (at \($0))" } ?? ""
        // What was typed stands in some messages, and must not steer the terminal either.
        Talk.say(Renderer.oneLine("error: \(message)\(place)"))
        Talk.say("  kind: \(kind)")
        Talk.say(Renderer.oneLine("  next: \(hint)"))
    }
}
