// How a command ends badly: what, why, do this, and an exit code that scripts can rely on.

internal import ArgumentParser
internal import Foundation
internal import Tallystick

/// A command's end with an exit code other than 0, after it has said everything.
struct ExitStatus: Error {
    let code: Int32

    /// Integrity is broken; nothing else ever ends with 3.
    static let broken = ExitStatus(code: 3)
    /// A check could not run, but nothing was found broken.
    static let incomplete = ExitStatus(code: 8)
}

/// Shows errors.
enum Failure {
    /// Shows an error and gives the exit code that it ends with.
    static func end(_ error: any Error) -> Int32 {
        if let status = error as? ExitStatus { return status.code }
        // The parser's own errors, help and version among them, have their text from it.
        let code = Tally.exitCode(for: error)
        guard code == .failure else {
            let text = Tally.fullMessage(for: error)
            if !text.isEmpty { code.isSuccess ? Page.line(text) : Talk.say(text) }
            return code.rawValue
        }
        let problem = Problem(error)
        show(problem)
        return problem.code.exitCode
    }

    /// Shows a problem on stderr: what and where, its kind, what to do.
    static func show(_ problem: Problem, context: String = "") {
        let place = problem.pointer.map { " (at \($0))" } ?? ""
        // What was typed stands in some messages, and must not steer the terminal either.
        Talk.say(Renderer.oneLine("error: \(context)\(problem.message)\(place)"))
        Talk.say("  kind: \(problem.code.rawValue)")
        Talk.say(Renderer.oneLine("  next: \(problem.hint)"))
    }
}
