// An erasure as the register has it, and when each of its states must be reached.

package import TallyCore
package import TallyVault
internal import TallyPostgres

/// The states of an erasure, in their order; `onHold` and `refused` stand beside it.
package enum ErasureState: String, Sendable, CaseIterable {
    /// It was asked for, and waits for another operator.
    case requested
    /// It may be run.
    case approved
    /// A legal hold keeps it from being run.
    case onHold
    /// Nothing can be sealed for the subject any more.
    case fenced
    /// The keys are destroyed: reads say `erased`.
    case keysDestroyed
    /// The ciphertext is gone from the log and from everything that was derived from it.
    case purged
    /// Every key-encryption key that could open an old copy of the keys is destroyed.
    case epochRetired
    /// The last backup that could hold the ciphertext has expired.
    case final
    /// It was refused.
    case refused

    /// Whether nothing more will happen.
    package var isEnd: Bool { self == .final || self == .refused }
}

/// One erasure.
package struct ErasureRow: Sendable {
    package let id: DecisionID
    package let tenant: TenantID
    package let scope: KeyScope
    /// A reference to the legal ground, as in `art17-1-b`.
    package let ground: String
    package let state: ErasureState
    /// All times are µs since 1970.
    package let requestedAt: UInt64
    /// When deadlines began: the request, or the end of the last hold that it waited for.
    package let dueFrom: UInt64
    /// Whether a legal hold keeps it from being run now.
    package let isHeld: Bool
    package let fencedAt: UInt64?
    /// The event after which nothing is sealed for the subject.
    package let fencePosition: Int?
    package let destroyedAt: UInt64?
    /// The newest key epoch that there was when the keys were destroyed.
    package let destroyedEpoch: UInt64?
    package let destroyedPositions: [Int]
    package let purgedAt: UInt64?
    /// When the server had removed the old rows.
    package let vacuumedAt: UInt64?
    package let purgedParts: Int
    package let retiredAt: UInt64?
    package let finalAt: UInt64?
    /// Until when backups may hold dead copies.
    package let backupsUntil: UInt64?
    /// The erasure in the source that it follows, if the tenant is a clone.
    package let follows: DecisionID?
}

extension ErasureRow {
    private static let hour: UInt64 = 3_600_000_000

    /// When the next state must be reached: `epochRetired` within 24 hours of ``dueFrom``, `final`
    /// within 30 days; `nil` for an erasure at its end, or held.
    package var dueAt: UInt64? {
        switch state {
        case .final, .refused: nil
        case .onHold where isHeld: nil
        case .epochRetired: dueFrom + 30 * 24 * Self.hour
        default: dueFrom + 24 * Self.hour
        }
    }

    /// Whether a deadline has passed.
    package func isOverdue(at now: UInt64) -> Bool {
        dueAt.map { now > $0 } ?? false
    }

    static let columns = """
        erasure_id, tenant_id, subject_tag, array_to_string(classes, ','), ground, state,
        requested_at, fenced_at, fence_position, destroyed_at, destroyed_epoch,
        coalesce(destroyed_positions, '{}'), purged_at, purged_parts, retired_at, final_at,
        backups_until, due_from, tally.hold_of(tenant_id, subject_tag) IS NOT NULL, follows,
        vacuumed_at
        """

    init(_ rows: Rows, _ row: Int) throws(PostgresError) {
        guard let id = DecisionID(try rows.bytes(row, 0)),
            let tenant = TenantID(try rows.bytes(row, 1)),
            let tag = BlindTag(try rows.bytes(row, 2)),
            let state = ErasureState(rawValue: try rows.text(row, 5))
        else { throw PostgresError(.unexpectedResult, message: "an erasure of another shape") }
        let classes = try rows.text(row, 3)
        self.id = id
        self.tenant = tenant
        scope = KeyScope(
            subject: tag,
            classes: classes == KeyScope.everyClass
                ? nil
                : classes.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        )
        ground = try rows.text(row, 4)
        self.state = state
        requestedAt = try rows.time(row, 6)
        fencedAt = try rows.optionalTime(row, 7)
        fencePosition = try rows.optionalNatural(row, 8)
        destroyedAt = try rows.optionalTime(row, 9)
        destroyedEpoch = try rows.optionalNatural(row, 10, as: UInt64.self)
        destroyedPositions = try rows.naturals(row, 11)
        purgedAt = try rows.optionalTime(row, 12)
        purgedParts = try rows.natural(row, 13)
        retiredAt = try rows.optionalTime(row, 14)
        finalAt = try rows.optionalTime(row, 15)
        backupsUntil = try rows.optionalTime(row, 16)
        dueFrom = try rows.time(row, 17)
        isHeld = try rows.bool(row, 18)
        follows = rows.optionalBytes(row, 19).flatMap { DecisionID($0) }
        vacuumedAt = try rows.optionalTime(row, 20)
    }
}
