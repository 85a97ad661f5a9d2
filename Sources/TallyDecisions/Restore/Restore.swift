// A restore as the register has it.

public import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// The states of a restore, in their order.
public enum RestoreState: String, Sendable, CaseIterable {
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

/// One restore of documents to what they were, or into a new tenant.
public struct Restore: Sendable, Identifiable {
    /// The id of the decision request that it began with.
    public let id: DecisionID
    /// Whose documents.
    public let tenant: TenantID
    /// The restore that it takes back, if it is an undo.
    public let undoes: DecisionID?
    /// The new tenant into which it copies, if it is a clone.
    public let clone: TenantID?
    /// How many events counted at the moment that is restored.
    public let cut: Int
    /// How far it has come.
    public let state: RestoreState
    /// When it was asked for.
    public let requestedAt: Instant
    /// When it began to be applied.
    public let beganAt: Instant?
    /// The position of the event that says so.
    public let beganPosition: Int?
    /// When it ended.
    public let endedAt: Instant?
    /// How many streams were restored.
    public let applied: Int
    /// How many were left as they are.
    public let conflicts: Int
}

extension Restore {
    static let query = """
        SELECT r.restore_id, t.tenant_id, r.undoes, r.clone, r.cut, r.state, q.requested_at,
            r.began_at, r.began_position, r.ended_at, r.applied, (
                SELECT count(*) FROM tally.restore_conflict c
                WHERE c.slot = r.slot AND c.restore_id = r.restore_id) AS conflicts
        FROM tally.restore r JOIN tally.tenant t USING (slot)
        JOIN tally.request q ON q.slot = r.slot AND q.request_id = r.restore_id
        """

    init(_ row: Row) throws(PostgresError) {
        id = try row["restore_id"].id()
        tenant = try row["tenant_id"].id()
        undoes = try row["undoes"].optionalID()
        clone = try row["clone"].optionalID()
        cut = try row["cut"].natural()
        state = try row["state"].word()
        requestedAt = try row["requested_at"].instant()
        beganAt = try row["began_at"].optionalInstant()
        beganPosition = try row["began_position"].optionalNatural()
        endedAt = try row["ended_at"].optionalInstant()
        applied = try row["applied"].natural()
        conflicts = try row["conflicts"].natural()
    }
}
