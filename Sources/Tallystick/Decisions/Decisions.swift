// Decisions of operators: asked for by one, approved by another, carried out once both signed.

public import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Decision requests, approvals and the register of operators of a ledger.
///
/// Everything that cannot be taken back by an append is decided by two people: one operator asks,
/// and another approves what was asked for, byte by byte. Both sign with keys of their own, and
/// both signatures stand in the log. In a ledger that was made for a single operator, nobody else
/// has to sign.
public struct Decisions: Sendable {
    let context: DecisionContext
    private var requests: DecisionRequests { DecisionRequests(context) }

    /// Signs a request as another operator, and with that of an erasure those in clones of its
    /// tenant.
    ///
    /// - Parameters:
    ///   - id: the request.
    ///   - key: the key of an operator who did not ask for it.
    /// - Returns: `approved` for an erasure or a restore, which waits for its run; `applied` for
    ///   everything else.
    /// - Throws: `forbidden` for the requester, for somebody who is no operator, and for a request
    ///   that waits for nobody.
    public func approve(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(Problem) -> DecisionState {
        try await requests.approve(id, with: key)
    }

    /// The requests in clones that ``approve(_:with:)`` signs along.
    package func signedAlong(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(Problem) -> [DecisionID] {
        try await requests.signedAlong(id, with: key)
    }

    /// Ends a request without doing it.
    ///
    /// - Parameters:
    ///   - id: the request.
    ///   - ground: a reference of 1 to 64 letters, digits and `. _ : / # -`, stored in the clear.
    ///   - key: the key of an owner, which a request of an owner needs; others may be signed too.
    /// - Throws: `notFound` for an id that is none, `forbidden` for a request that was carried out,
    ///   `approvalRequired` for an owner's request without a key.
    public func refuse(
        _ id: DecisionID,
        ground: String,
        by key: OperatorKey? = nil
    ) async throws(Problem) {
        try await requests.refuse(id, ground: ground, by: key)
    }

    // MARK: - Elsewhere

    /// A request with everything that is needed to read and sign it on another machine.
    ///
    /// - Throws: `notFound` for an id that is none, `alteredRegister` where a register differs from
    ///   the log.
    public func toSign(_ id: DecisionID) async throws(Problem) -> SigningRequest {
        try await requests.toSign(id)
    }

    /// How far the erasure of a subject would go if it were run now; `nil` for other requests.
    ///
    /// - Complexity: O(events with the subject).
    public func reach(of request: SigningRequest) async throws(Problem) -> DecisionReach? {
        try await requests.reach(of: request)
    }

    /// Takes a request that was signed elsewhere.
    ///
    /// - Returns: as ``approve(_:with:)`` does. Erasures in clones of the tenant need signatures of
    ///   their own.
    /// - Throws: `invalid` for one that is not signed, `forbidden` for a signature that does not
    ///   count.
    public func submit(_ request: SigningRequest) async throws(Problem) -> DecisionState {
        guard case .signed(let approval) = request.progress else {
            throw Problem(
                .invalid,
                "nobody has signed the request",
                hint: "sign it: tally approval sign --to-sign FILE --operator-key FILE"
            )
        }
        return try await requests.take(approval)
    }

    /// Requests that wait for a signature, or all, newest first.
    public func list(waitingOnly: Bool) async throws(Problem) -> [DecisionRequest] {
        try await requests.list(waitingOnly: waitingOnly)
    }

    // MARK: - Operators

    /// All operators, oldest first.
    public func operators() async throws(Problem) -> [Operator] {
        try await OperatorRequests(context).list()
    }

    /// Adds an operator: at once while there are fewer than two people, else by a request.
    ///
    /// - Parameters:
    ///   - pem: an Ed25519 public key in PEM form, as `openssl pkey -pubout` writes it.
    ///   - requester: the key of the operator who asks; `nil` for the first two.
    /// - Returns: the operator's id, and the request that waits for a signature if one does.
    /// - Throws: `invalid` for text that is no such key, or the key of somebody who is or was an
    ///   operator.
    public func addOperator(
        pem: [UInt8],
        by requester: OperatorKey? = nil
    ) async throws(Problem) -> (operator: OperatorID, request: DecisionID?) {
        try await addOperator(SignerKey(pem: pem), by: requester)
    }

    /// Adds an operator by a key in a file or a passkey, or another key of somebody who is one.
    ///
    /// - Parameters:
    ///   - key: the public key.
    ///   - person: the first key of the person whose key it is; `nil` for somebody new. Two keys of
    ///     one person are never two people.
    ///   - requester: the key of the operator who asks; `nil` for the first two people.
    /// - Returns: the operator's id, and the request that waits for a signature if one does.
    /// - Throws: `invalid` for the key of somebody who is or was an operator.
    public func addOperator(
        _ key: SignerKey,
        person: OperatorID? = nil,
        by requester: OperatorKey?
    ) async throws(Problem) -> (operator: OperatorID, request: DecisionID?) {
        try await OperatorRequests(context).add(key, person: person, by: requester)
    }

    /// Asks for the end of an operator's term.
    ///
    /// - Returns: the request's id and what became of it.
    public func endOperator(
        _ id: OperatorID,
        by requester: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await OperatorRequests(context).end(id, by: requester)
    }
}

extension Ledger {
    /// The decisions of this ledger's operators.
    public var decisions: Decisions { Decisions(context: decisionContext) }
}
