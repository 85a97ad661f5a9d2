// Owners: those to whom a tenant's data belongs, and what they may decide without the operators.

public import TallyCore

/// Somebody who decides about a tenant's data on the tenant's side: the controller in the words of
/// the GDPR, or an agent of theirs.
public struct Owner: Sendable, Identifiable {
    /// The first half of the SHA-256 of the public key.
    public let id: OperatorID
    /// What the owner's signatures are checked with.
    public let publicKey: SignerKey
    /// What the owner may decide: `subjectErasure`, `tenantErasure`, `ownerChange`.
    public let actions: [ApprovalAction]
    /// When the owner was added.
    public let addedAt: Instant
    /// When the owner's term ended; `nil` while the owner may sign.
    public let endedAt: Instant?

    init(_ id: OperatorID, _ term: KnownOwners.Term) {
        self.id = id
        publicKey = term.key
        actions = KnownOwners.actions.filter(term.actions.contains)
        addedAt = Instant(micros: term.addedAt)
        endedAt = term.endedAt.map { Instant(micros: $0) }
    }
}
