// An erasure as the register has it, and when each of its states must be reached.

public import TallyCore
package import TallyVault
internal import TallyPostgres
internal import TallyStore

/// The states of an erasure, in their order; `onHold` and `refused` stand beside it.
public enum ErasureState: String, Sendable, CaseIterable {
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
    public var isEnd: Bool { self == .final || self == .refused }
}

/// One erasure, of a subject or of a whole tenant.
public struct Erasure: Sendable, Identifiable {
    /// The id of the decision request that it began with.
    public let id: DecisionID
    /// Whose subject, or which tenant.
    public let tenant: TenantID
    package let scope: KeyScope
    /// A reference to the legal ground, as in `art17-1-b`.
    public let ground: String
    /// How far it has come.
    public let state: ErasureState
    /// When it was asked for.
    public let requestedAt: Instant
    /// When deadlines began: the request, or the end of the last hold that it waited for.
    public let dueFrom: Instant
    /// Whether a legal hold keeps it from being run now.
    public let isHeld: Bool
    /// Before when it is not carried out, so that another owner can refuse it; `nil` for all but
    /// an owner's erasure of a whole tenant.
    public let notBefore: Instant?
    /// When nothing could be sealed for the subject any more.
    public let fencedAt: Instant?
    /// The event after which nothing is sealed for the subject.
    public let fencePosition: Int?
    /// When the keys were destroyed.
    public let destroyedAt: Instant?
    /// The newest key epoch that there was when the keys were destroyed.
    package let destroyedEpoch: UInt64?
    package let destroyedPositions: [Int]
    /// When the ciphertext was gone from the log and from everything that was derived from it.
    public let purgedAt: Instant?
    /// When the server had removed the old rows.
    public let vacuumedAt: Instant?
    /// How many sealed parts were purged from the log.
    public let purgedParts: Int
    /// When no key-encryption key was left that could open an old copy of the keys.
    public let retiredAt: Instant?
    /// When the last backup that could hold the ciphertext had expired.
    public let finalAt: Instant?
    /// Until when backups may hold dead copies.
    public let backupsUntil: Instant?
    /// The erasure in the source that it follows, if the tenant is a clone.
    public let follows: DecisionID?

    /// Whether it is about a whole tenant.
    public var isOfTenant: Bool { scope.isTenant }
    /// The subject's blind tag, which gives no name away; `nil` for a whole tenant.
    public var subjectTag: String? { isOfTenant ? nil : scope.subjectTag.hex }
    /// The retention classes that it is limited to; `nil` for all.
    public var classes: [String]? {
        scope.classes == [KeyScope.everyClass] ? nil : scope.classes
    }
}

extension Erasure {
    private static let hour = Duration.seconds(3600)

    /// When the next state must be reached: `epochRetired` within 24 hours of ``dueFrom``, `final`
    /// within 30 days; `nil` for an erasure at its end, or held.
    public var dueAt: Instant? {
        switch state {
        case .final, .refused: nil
        case .onHold where isHeld: nil
        case .epochRetired: dueFrom + Self.hour * (30 * 24)
        default: dueFrom + Self.hour * 24
        }
    }

    /// Whether a deadline has passed.
    public func isOverdue(at now: Instant) -> Bool {
        dueAt.map { now > $0 } ?? false
    }

    static let columns = """
        erasure_id, tenant_id, subject_tag, array_to_string(classes, ',') AS classes, ground,
        state, requested_at, due_from, fenced_at, fence_position, destroyed_at, destroyed_epoch,
        coalesce(destroyed_positions, '{}') AS destroyed_positions, purged_at, purged_parts,
        vacuumed_at, retired_at, final_at, backups_until, follows, not_before,
        tally.hold_of(slot, subject_tag) IS NOT NULL AS is_held
        """

    init(_ row: Row) throws(PostgresError) {
        id = try row["erasure_id"].id()
        tenant = try row["tenant_id"].id()
        scope = KeyScope(
            subject: try row["subject_tag"].id(),
            stored: try row["classes"].text()
        )
        ground = try row["ground"].text()
        state = try row["state"].word()
        requestedAt = try row["requested_at"].instant()
        dueFrom = try row["due_from"].instant()
        isHeld = try row["is_held"].bool()
        notBefore = try row["not_before"].optionalInstant()
        fencedAt = try row["fenced_at"].optionalInstant()
        fencePosition = try row["fence_position"].optionalNatural()
        destroyedAt = try row["destroyed_at"].optionalInstant()
        destroyedEpoch = try row["destroyed_epoch"].optionalNatural(as: UInt64.self)
        destroyedPositions = try row["destroyed_positions"].naturals()
        purgedAt = try row["purged_at"].optionalInstant()
        purgedParts = try row["purged_parts"].natural()
        vacuumedAt = try row["vacuumed_at"].optionalInstant()
        retiredAt = try row["retired_at"].optionalInstant()
        finalAt = try row["final_at"].optionalInstant()
        backupsUntil = try row["backups_until"].optionalInstant()
        follows = try row["follows"].optionalID()
    }
}

extension KeyScope {
    /// A scope as the register has it: its classes with commas between them.
    fileprivate init(subject: BlindTag, stored classes: String) {
        self.init(
            subject: subject,
            classes: classes == Self.everyClass
                ? nil
                : classes.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        )
    }
}
