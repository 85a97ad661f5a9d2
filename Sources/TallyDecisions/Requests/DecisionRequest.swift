// Something that operators were asked to decide, as the register has it.

public import TallyCore
package import TallyCrypto

/// What has become of a decision request.
public enum DecisionState: String, Sendable {
    /// Another operator must sign.
    case waiting
    /// It may be carried out.
    case approved
    /// It was carried out.
    case applied
    /// It was refused.
    case refused
}

/// On whose word a request is carried out.
public enum DecisionAuthority: String, Sendable {
    /// Two of the ledger's operators.
    case operators
    /// Those to whom the tenant's data belongs.
    case owner
}

/// A decision request: what one operator asked for, and another has to approve.
public struct DecisionRequest: Sendable, Identifiable {
    /// Its id; an erasure, a restore and a hold have that of their request.
    public let id: DecisionID
    /// Whose data it is about; the ledger's own tenant for changes of operators.
    public let tenant: TenantID
    /// What was asked for.
    public let action: ApprovalAction
    /// Canonical JSON (RFC 8785) of what exactly will be done; its hash is what operators sign.
    public let plan: [UInt8]
    /// The leaf hash of an event that the requester had seen.
    package let head: Digest
    /// Who asked; zeros where nobody has to sign.
    public let requester: OperatorID
    /// On whose word it is carried out.
    public let authority: DecisionAuthority
    /// The subject's name under the tenant's data key; `nil` where there is none, or not any more.
    package let subjectSealed: [UInt8]?
    /// When it was asked for.
    public let requestedAt: Instant
    /// What has become of it.
    public let state: DecisionState
}
