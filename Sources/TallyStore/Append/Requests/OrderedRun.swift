// Requests that one caller hands over as a list to be stored in its order: none is stored before
// all in front of it are, and the first that is refused takes those behind it with it.

internal import Synchronization

/// How far a list of requests has come.
package final class OrderedRun: Sendable {
    /// Whether a request may be placed now.
    enum Turn {
        /// All in front of it are stored, or placed in the same batch.
        case due
        /// One in front of it has no outcome yet.
        case early
        /// One in front of it was refused.
        case over
    }

    private struct State {
        var count = 0
        /// Everything before it is stored.
        var next = 0
        /// What was stored out of turn: a retry gets its receipt wherever it stands.
        var ahead: Set<Int> = []
        var refused: Int?
    }

    private let state = Mutex(State())

    /// Begins a list.
    package init() {}

    /// Whether a request was refused, so that nothing behind it needs to be tried.
    package var isRefused: Bool { state.withLock { $0.refused != nil } }

    /// The next place in the list.
    func board() -> RunPlace {
        state.withLock { state in
            defer { state.count += 1 }
            return RunPlace(run: self, ordinal: state.count)
        }
    }

    /// Whether a request may be placed behind those that a batch has placed already, which is up to
    /// `placed` and without it.
    func turn(of ordinal: Int, behind placed: Int) -> Turn {
        state.withLock { state in
            if let refused = state.refused, ordinal > refused { return .over }
            var open = max(placed, state.next)
            while state.ahead.contains(open) { open += 1 }
            return ordinal <= open ? .due : .early
        }
    }

    /// Notes what became of a request.
    func settle(_ ordinal: Int, isStored: Bool) {
        state.withLock { state in
            guard isStored else {
                state.refused = min(ordinal, state.refused ?? ordinal)
                return
            }
            state.ahead.insert(ordinal)
            while state.ahead.remove(state.next) != nil { state.next += 1 }
        }
    }
}

/// A request's place in a list.
struct RunPlace: Sendable {
    let run: OrderedRun
    /// From 0.
    let ordinal: Int

    func settle(isStored: Bool) { run.settle(ordinal, isStored: isStored) }
}
