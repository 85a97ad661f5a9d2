// Progress on stderr: five times a second on a terminal, as JSON lines where asked, else silent.

internal import ArgumentParser
internal import Foundation
internal import Synchronization

/// The forms of `--progress`.
enum ProgressForm: String, ExpressibleByArgument, CaseIterable {
    case auto, json, none
}

/// Shows how far a long piece of work is, with its rate and what is left.
final class ProgressMeter: Sendable {
    private struct State {
        var shown = ContinuousClock.now
        var done = 0
        var isDirty = false
    }

    private let label: String
    private let total: Int?
    private let unit: String
    private let form: ProgressForm
    private let began = ContinuousClock.now
    private let state = Mutex(State())
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ label: String, total: Int?, unit: String, form: ProgressForm) {
        self.label = label
        self.total = total
        self.unit = unit
        self.form = form
    }

    /// Says that `done` are done; cheap enough to call often.
    func update(_ done: Int) {
        let isDue = state.withLock { state in
            state.done = done
            guard .now - state.shown > .milliseconds(200) else { return false }
            state.shown = .now
            state.isDirty = true
            return true
        }
        if isDue { show(done) }
    }

    /// Takes the line away from a terminal.
    func finish() {
        let isDirty = state.withLock { $0.isDirty }
        if isDirty, form == .auto, isTerminal { write("\r\u{1b}[K") }
    }

    private func show(_ done: Int) {
        switch form {
        case .none: return
        case .json:
            let total = total.map(String.init) ?? "null"
            write("{\"progress\":\"\(label)\",\"done\":\(done),\"total\":\(total)}\n")
        case .auto: if isTerminal { write("\r\u{1b}[K\(line(done))") }
        }
    }

    private func line(_ done: Int) -> String {
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let rate = Double(done) / max(seconds, 0.001)
        guard let total, total > 0 else { return "\(label) \(done) \(unit), \(Int(rate))/s" }
        let filled = min(24, max(0, Int(24 * Double(done) / Double(total))))
        let bar =
            String(repeating: "█", count: filled)
            + String(repeating: "░", count: 24 - filled)
        let left = Int(Double(total - done) / max(rate, 1))
        return "\(label) \(bar) \(done)/\(total) \(unit), \(Int(rate))/s, \(left) s left"
    }

    private func write(_ text: String) {
        Outlet.talk.flicker(text)
    }
}
