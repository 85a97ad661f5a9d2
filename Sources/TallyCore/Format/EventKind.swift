// What sort of fact an event is: the one byte of the leaf that is readable without a key.

/// The kind of an event; a caller writes only `recorded`.
package enum EventKind: UInt8, Sendable, CaseIterable {
    /// The first event of a tenant.
    case genesis = 0
    /// A caller's event.
    case recorded = 1
    /// Keys of an erasure were destroyed.
    case keysDestroyed = 2
    /// A restore began.
    case restoreBegan = 3
    /// A restore ended.
    case restoreEnded = 4
    /// Processing was restricted (GDPR Art. 18).
    case frozen = 5
    /// The restriction was lifted.
    case thawed = 6
    /// Ciphertext was deleted.
    case partsPurged = 7
    /// A legal hold began.
    case held = 8
    /// A legal hold ended.
    case released = 9
    /// An event of a clone.
    case imported = 10
    /// An erasure advanced.
    case erasureStep = 11
    /// An erased person returned.
    case readmitted = 12
    /// The tenant was erased.
    case tenantErased = 13
    /// The ledger's published log got a new origin.
    case originOpened = 14
    /// An operator did something.
    case operatorAction = 15

    /// Whether events of this kind carry sealed parts, a stream and a version.
    ///
    /// All others have exactly one clear part, written by the ledger's own SQL functions.
    package var isSealed: Bool { self == .recorded || self == .imported }
}
