// A restore as the register has it.

package import TallyCore
internal import TallyPostgres

/// The states of a restore, in their order.
package enum RestoreState: String, Sendable, CaseIterable {
    /// It was asked for, and waits for another operator.
    case requested
    /// It may be applied.
    case approved
    /// It has begun, and not ended.
    case applying
    /// Every stream of its plan is what it was, or a conflict.
    case applied
    /// It has ended, and what came of it is not what was planned.
    case mismatched
    /// It is not applied any further, and what it has written is being counted.
    case aborting
    /// It was ended before all of its plan was applied.
    case aborted
    /// It was refused.
    case refused
}

/// One restore.
package struct RestoreRow: Sendable {
    package let id: DecisionID
    package let tenant: TenantID
    /// The restore that it takes back, if it is an undo.
    package let undoes: DecisionID?
    /// The new tenant into which it copies, if it is a clone.
    package let clone: TenantID?
    /// How many events counted at the moment that is restored.
    package let cut: Int
    package let state: RestoreState
    /// All times are µs since 1970.
    package let requestedAt: UInt64
    package let beganAt: UInt64?
    /// Where restoreBegan is.
    package let beganPosition: Int?
    package let endedAt: UInt64?
    /// How many streams were restored.
    package let applied: Int
    /// How many were left as they are.
    package let conflicts: Int
}

extension RestoreRow {
    static let query = """
        SELECT r.restore_id, r.tenant_id, r.undoes, r.cut, r.state, q.requested_at, r.began_at,
            r.began_position, r.ended_at, r.applied, (
                SELECT count(*) FROM tally.restore_conflict c WHERE c.restore_id = r.restore_id),
            r.clone
        FROM tally.restore r JOIN tally.request q ON q.request_id = r.restore_id
        """

    init(_ rows: Rows, _ row: Int) throws(PostgresError) {
        guard let id = DecisionID(try rows.bytes(row, 0)),
            let tenant = TenantID(try rows.bytes(row, 1)),
            let state = RestoreState(rawValue: try rows.text(row, 4))
        else { throw PostgresError(.unexpectedResult, message: "a restore of another shape") }
        self.id = id
        self.tenant = tenant
        undoes = rows.optionalBytes(row, 2).flatMap { DecisionID($0) }
        cut = try rows.natural(row, 3)
        self.state = state
        requestedAt = try rows.time(row, 5)
        beganAt = try rows.optionalTime(row, 6)
        beganPosition = try rows.optionalNatural(row, 7)
        endedAt = try rows.optionalTime(row, 8)
        applied = try rows.natural(row, 9)
        conflicts = try rows.natural(row, 10)
        clone = rows.optionalBytes(row, 11).flatMap { TenantID($0) }
    }
}
