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
    static func exit(with error: any Error) -> Never {
        switch error {
        case let status as ExitStatus: Foundation.exit(status.code)
        // The parser's own errors, help and version among them, it shows itself.
        case _ where Tally.exitCode(for: error) != .failure: Tally.exit(withError: error)
        default:
            let problem = Problem(error)
            show(problem)
            Foundation.exit(problem.code.exitCode)
        }
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
