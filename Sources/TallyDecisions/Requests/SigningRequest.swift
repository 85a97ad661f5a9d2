// A request in a file: carried to a machine without a database, read and signed there, and carried
// back.

public import TallyCore
internal import TallyCrypto

/// Everything that somebody needs who signs a request elsewhere.
///
/// It holds the subject's name, if that is known: treat the file as personal data.
public struct SigningRequest: Sendable {
    /// How far it has come.
    package enum Progress: Sendable, Equatable {
        case asked
        /// A passkey is asked for an answer.
        case prepared(Approval)
        case signed(Approval)
    }

    package let draft: ApprovalDraft
    /// How the tenant is called.
    public let tenantName: String
    /// How the subject is called that it is about; `nil` where there is none, or it is not known.
    public let subject: String?
    package internal(set) var progress = Progress.asked

    package init(_ draft: ApprovalDraft, tenantName: String, subject: String?) {
        (self.draft, self.tenantName, self.subject) = (draft, tenantName, subject)
    }

    /// The request's id.
    public var id: DecisionID { draft.request }
    /// What is asked for, in one sentence that is made from the plan itself.
    public var sentence: String {
        PlanWords(draft.plan, draft.action, tenant: tenantName, subject: subject)?.sentence
            ?? "a plan that is not one of its action"
    }
    /// The plan: canonical JSON, whose hash is signed.
    public var plan: [UInt8] { draft.plan }

    /// Whether somebody has signed it.
    public var isSigned: Bool {
        if case .signed = progress { true } else { false }
    }

    // MARK: - Signing

    /// Signs it with a key in a file.
    ///
    /// - Parameters:
    ///   - key: the key of another operator than the one who asked, or of an owner.
    ///   - time: what this machine's clock says.
    /// - Returns: the request with the signature, which the ledger checks when it is submitted.
    /// - Throws: `misconfigured` when libcrypto does not sign.
    public func signed(by key: OperatorKey, at time: Instant) throws(Problem) -> SigningRequest {
        var signed = self
        signed.progress = .signed(try key.sign(draft.approval(by: key.id, at: time.micros)))
        return signed
    }

    /// Prepares it for a passkey: what that signs names its holder and the time.
    ///
    /// - Parameters:
    ///   - signer: the id of the operator or owner whose passkey it is.
    ///   - time: what this machine's clock says.
    /// - Returns: the request with its ``challenge``.
    public func prepared(for signer: OperatorID, at time: Instant) -> SigningRequest {
        var prepared = self
        prepared.progress = .prepared(draft.approval(by: signer, at: time.micros))
        return prepared
    }

    /// What the browser is given as `challenge`; `nil` for a request that is not prepared.
    public var challenge: [UInt8]? {
        if case .prepared(let approval) = progress { approval.challenge.bytes } else { nil }
    }

    /// Takes what a passkey has answered to ``challenge``.
    ///
    /// - Parameters:
    ///   - authenticatorData: as the browser gave it.
    ///   - clientData: `clientDataJSON` as the browser gave it.
    ///   - signature: as the browser gave it.
    /// - Returns: the request with the signature, which the ledger checks when it is submitted.
    /// - Throws: `invalid` for an answer that no approval has room for, or a request that is not
    ///   prepared.
    public func answered(
        withAuthenticatorData authenticatorData: [UInt8],
        clientData: [UInt8],
        signature: [UInt8]
    ) throws(Problem) -> SigningRequest {
        let assertion = WebAuthnAssertion(
            authenticatorData: authenticatorData,
            clientData: clientData,
            signature: signature
        )
        guard case .prepared(var approval) = progress, let assertion else {
            throw Problem(
                .invalid,
                "not the answer of a passkey to this request",
                hint: "prepare the request for the passkey, and give what "
                    + "navigator.credentials.get has returned for its challenge"
            )
        }
        approval.signature = .webAuthn(assertion)
        var answered = self
        answered.progress = .signed(approval)
        return answered
    }
}
