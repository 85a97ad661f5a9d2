// Errors of one layer that mean one thing to whoever called the ledger.

/// An error of a lower layer that can say what it means to the caller.
package protocol ProblemConvertible: Error {
    /// What it means to the caller when nothing was stored.
    var problem: Problem { get }
}

extension Problem {
    /// What any error means to the caller.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as any ProblemConvertible: self = error.problem
        case is CancellationError:
            self.init(.unavailable, "cancelled", hint: "start it again")
        default:
            self.init(
                .misconfigured,
                "an error of a kind that was not foreseen",
                hint: "please report it with the command that led to it"
            )
        }
    }
}
