// What ends a piece of work over many events early, in the words of the store.

internal import TallyPostgres
internal import TallyStore

/// Maps whatever ends a piece of work early.
enum ReplayFailure {
    static func error(_ error: any Error) -> StoreError {
        switch error {
        case let error as StoreError: error
        case let error as PostgresError: StoreError(error)
        case let poison as PoisonEvent:
            StoreError(
                .misconfigured,
                "event \(poison.position) cannot be applied: \(poison.reason)",
                hint: "run tally verify --open, or let it be skipped: tally projection skip"
            )
        case is Superseded:
            StoreError(
                .exists,
                "another rebuild was begun meanwhile",
                hint: "let that one finish: tally projection list shows its version"
            )
        case is CancellationError: StoreError(.unavailable, "cancelled", hint: "start it again")
        default: StoreError(PostgresError(.unexpectedResult, message: "a rebuild failed"))
        }
    }
}
