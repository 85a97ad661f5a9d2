// Takes erasures from state to state: each of these calls changes the register together with the
// event that says so.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Carries erasures out in the ledger's database.
package struct ErasureTransitions: Sendable {
    private let executors: Session

    /// Works with connections of role tally_executor.
    package init(pool: ConnectionPool) {
        executors = Session(pool: pool)
    }

    /// Fences an approved erasure: from here on nothing is stored that was sealed under `keys`.
    ///
    /// - Returns: its state: `fenced`, or `onHold` when a hold came first.
    /// - Throws: `approvalRequired` when the approval has run out.
    package func fence(
        _ erasure: Erasure,
        _ keys: [KeyID]
    ) async throws(Problem) -> ErasureState {
        var column = ArrayColumn(.bytea)
        for key in keys { key.withUnsafeBytes { column.append($0) } }
        return try await state("SELECT tally.fence_erasure($1, $2, $3)", erasure, Parameter(column))
    }

    /// Looks whether a hold forbids an approved erasure, which is `onHold` then.
    package func checkHold(_ erasure: Erasure) async throws(Problem) -> ErasureState {
        try await state("SELECT tally.check_hold($1, $2)", erasure)
    }

    private func state(
        _ query: String,
        _ erasure: Erasure,
        _ parameters: Parameter...
    ) async throws(Problem) -> ErasureState {
        let text = try await executors.run { connection in
            try connection.query(query, erasure.keyed(connection) + parameters).text(0, 0)
        }
        return ErasureState(rawValue: text) ?? .approved
    }

    /// Notes which of some events hold parts of a fenced erasure.
    package func listParts(
        _ erasure: Erasure,
        _ positions: [Int]
    ) async throws(Problem) {
        let column = Parameter(Self.column(positions))
        try await call("SELECT tally.list_parts($1, $2, $3)", erasure, column)
    }

    /// Records that the fenced keys are destroyed, and which epoch was the newest then.
    package func recordDestruction(
        _ erasure: Erasure,
        epoch: UInt64
    ) async throws(Problem) {
        try await call(
            "SELECT tally.record_destruction($1, $2, $3)",
            erasure,
            .bigint(Int64(clamping: epoch))
        )
    }

    /// Empties the parts of some events; gives how many events were taken, and parts emptied.
    package func purge(
        _ erasure: Erasure,
        _ positions: [Int]
    ) async throws(Problem) -> (taken: Int, parts: Int) {
        let column = Parameter(Self.column(positions))
        return try await executors.run { connection in
            let rows = try connection.query(
                "SELECT taken, purged FROM tally.purge_parts($1, $2, $3)",
                erasure.keyed(connection) + [column]
            )
            return (try rows.natural(0, 0), try rows.natural(0, 1))
        }
    }

    /// Notes that the log holds nothing any more of what was erased.
    package func notePurged(_ erasure: Erasure) async throws(Problem) {
        try await call("SELECT tally.note_purged($1, $2)", erasure)
    }

    /// Notes that the server has removed the old rows.
    package func noteVacuumed(_ erasure: Erasure) async throws(Problem) {
        try await call("SELECT tally.note_vacuumed($1, $2)", erasure)
    }

    /// Records that nothing is left to purge.
    ///
    /// - Throws: `projectionBehind` when a projection still has to follow.
    package func finishPurge(
        _ erasure: Erasure,
        backupsUntil: UInt64
    ) async throws(Problem) {
        try await call(
            "SELECT tally.finish_purge($1, $2, $3)",
            erasure,
            .bigint(Int64(clamping: backupsUntil))
        )
    }

    /// Records an epoch's end in slot 0, once.
    package func recordEpoch(_ receipt: DestructionReceipt) async throws(Problem) {
        try await executors.run { connection in
            _ = try connection.query(
                "SELECT tally.record_epoch($1, $2, $3, $4)",
                [
                    .bigint(Int64(clamping: receipt.epoch)), .text(receipt.provider),
                    .bigint(Int64(clamping: receipt.destroyedAt)), .text(receipt.assurance),
                ]
            )
        }
    }

    /// Takes purged erasures on whose epochs are destroyed, and those whose backups have expired.
    ///
    /// - Parameter oldest: the oldest epoch that is not destroyed.
    /// - Returns: how many were taken on.
    /// - Throws: a ``Problem``; what was taken on stays so.
    package func advance(oldestEpoch oldest: UInt64) async throws(Problem) -> Int {
        try await executors.run { connection in
            Int(
                try connection.query(
                    "SELECT tally.advance_erasures($1)",
                    [.bigint(Int64(clamping: oldest))]
                ).integer(0, 0)
            )
        }
    }

    private func call(
        _ query: String,
        _ erasure: Erasure,
        _ parameters: Parameter...
    ) async throws(Problem) {
        try await executors.run { connection in
            _ = try connection.query(query, erasure.keyed(connection) + parameters)
        }
    }

    private static func column(_ positions: [Int]) -> ArrayColumn {
        var column = ArrayColumn(.bigint)
        for position in positions { column.append(Int64(position)) }
        return column
    }
}

extension Erasure {
    /// Its slot and id, as functions take them.
    fileprivate func keyed(_ connection: Connection) throws(PostgresError) -> [Parameter] {
        [.integer(try connection.slot(of: tenant)), .uuid(id.bytes)]
    }
}
