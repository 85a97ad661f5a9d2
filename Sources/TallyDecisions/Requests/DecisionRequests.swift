// Requests and the signatures under them: opened by one operator, approved by another.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Opens, approves and refuses requests.
package struct DecisionRequests: Sendable {
    let context: DecisionContext
    private let operators: Session
    private let register: OperatorRegister

    /// Works on a ledger's requests.
    package init(_ context: DecisionContext) {
        self.context = context
        operators = Session(pool: context.pools.operators)
        register = OperatorRegister(pool: context.pools.operators)
    }

    /// Records a request with the requester's own signature.
    ///
    /// - Parameters:
    ///   - plan: what is asked for.
    ///   - subject: the name of the subject that it is about, for whoever is asked to sign.
    ///   - key: the requester's; needed unless one person decides alone.
    /// - Returns: its id; `waiting` until another operator signs, `approved` or `applied` where
    ///   nobody must.
    /// - Throws: `approvalRequired` without a key, `refused` for one that is not an operator's.
    package func open(
        _ plan: DecisionPlan,
        about subject: String? = nil,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await requireKey(key)
        try await requireUnaltered(plan.tenant)
        let (position, head) = try await head(of: plan.tenant)
        let requester = key?.id ?? .zero
        let draft = ApprovalDraft(plan, ledger: context.row.id, head: head, requester: requester)
        let signed = try await key?.sign(draft.approval(by: requester, at: now()))
        let sealed = try await RequestSubjects(context).seal(subject, plan.tenant, plan.id)
        let state = try await state(
            "SELECT tally.open_request($1, $2, $3, $4, $5, $6, $7, $8)",
            of: plan.tenant,
            [
                .uuid(plan.id.bytes), .integer(Int32(clamping: plan.action.rawValue)),
                .bytea(plan.json), .bigint(Int64(clamping: position)), .uuid(requester.bytes),
                .bytea(signed?.encoded()), .bytea(sealed),
            ]
        )
        if state == .applied { try await settle(plan.action) }
        return (plan.id, state)
    }

    private func requireKey(_ key: OperatorKey?) async throws(Problem) {
        guard key == nil, try await !register.hasSingleOperator() else { return }
        throw Problem(
            .approvalRequired,
            "in this ledger every decision is signed by the operator who asks for it",
            hint: "give \(.operatorKey); \(.listOperators) shows who may"
        )
    }

    private func head(
        of tenant: TenantID
    ) async throws(Problem) -> (position: Int, hash: Digest) {
        let row = try await operators.run {
            try TenantQuery.rows($0, where: "t.tenant_id = $1", [.uuid(tenant.bytes)])
        }.first
        guard let row else {
            throw Problem(.notFound, "no such tenant", hint: "check the name")
        }
        return (row.size - 1, row.lastLeafHash)
    }

    /// The earlier of this machine's clock and the database's: a signature of the future counts for
    /// nothing.
    private func now() async throws(Problem) -> UInt64 {
        let time = try await operators.run {
            try $0.query("SELECT tally.now_micros() AS now").first?["now"].time()
        }
        return min(context.now, time ?? .max)
    }

    /// Nobody signs where a register says something else than the log.
    private func requireUnaltered(_ tenant: TenantID) async throws(Problem) {
        _ = try await context.logs.read(tenant, context, context.pools.operators)
    }

    /// Signs a request as another operator, and with that of an erasure those in clones of its
    /// tenant.
    ///
    /// - Returns: `approved` for an erasure or a restore, which waits for its run; `applied` for
    ///   everything else.
    /// - Throws: `refused` for the requester, for somebody who is no operator, and for a request
    ///   that waits for nobody.
    package func approve(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(Problem) -> DecisionState {
        for clone in try await signedAlong(id, with: key).reversed() {
            _ = try await sign(clone, with: key)
        }
        return try await sign(id, with: key)
    }

    private func sign(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(Problem) -> DecisionState {
        let draft = ApprovalDraft(try await find(id), ledger: context.row.id)
        return try await take(key.sign(draft.approval(by: key.id, at: now())))
    }

    /// What the key store has to be told of a decision.
    private func settle(_ action: ApprovalAction) async throws(Problem) {
        if action == .readmission { try await Readmissions(context).liftBlocks() }
    }

    /// Takes a signature, wherever it was made.
    ///
    /// - Throws: `forbidden` when it is not that of somebody who may decide about this request.
    package func take(_ approval: Approval) async throws(Problem) -> DecisionState {
        let row = try await find(approval.request)
        let log = try await context.logs.read(row.tenant, context, context.pools.operators)
        let keys = [
            log.fold.operators.key(of: approval.approver),
            log.fold.owners.terms[approval.approver]?.key,
        ]
        guard keys.contains(where: { $0.map(approval.isSigned) ?? false }) else {
            throw Problem(
                .forbidden,
                "the signature is not that of an operator of this ledger, nor of an owner",
                hint: "\(.listOperators) and \(.listOwners) show who may sign"
            )
        }
        let state = try await state(
            "SELECT tally.approve_request($1, $2, $3)",
            of: row.tenant,
            [.uuid(approval.request.bytes), .bytea(approval.encoded())]
        )
        if state == .applied { try await settle(row.action) }
        return state
    }

    /// Ends a request without doing it, and with that of an erasure those in clones of its tenant;
    /// the ground is a reference of 1 to 64 characters.
    ///
    /// - Throws: `approvalRequired` without a key where an owner has asked: an owner refuses it.
    package func refuse(
        _ id: DecisionID,
        ground: String,
        by key: OperatorKey? = nil
    ) async throws(Problem) {
        let clones = try await openInClones(id)
        try await refuseAlone(id, ground: ground, by: key)
        var first: Problem?
        for clone in clones {
            do throws(Problem) {
                try await refuse(clone.id, ground: ground, by: key)
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    private func refuseAlone(
        _ id: DecisionID,
        ground: String,
        by key: OperatorKey?
    ) async throws(Problem) {
        let row = try await find(id)
        let (_, head) = try await head(of: row.tenant)
        var draft = ApprovalDraft(row, ledger: context.row.id)
        (draft.action, draft.head, draft.requester) = (.refusal, head, key?.id ?? .zero)
        let signed = try await key?.sign(draft.approval(by: draft.requester, at: now()))
        try await operators.run { connection in
            _ = try connection.query(
                "SELECT tally.refuse_request($1, $2, $3, $4)",
                [
                    .integer(try connection.slot(of: row.tenant)), .uuid(id.bytes), .text(ground),
                    .bytea(signed?.encoded()),
                ]
            )
        }
    }

    private func state(
        _ query: String,
        of tenant: TenantID,
        _ parameters: [Parameter]
    ) async throws(Problem) -> DecisionState {
        let text = try await operators.run { connection in
            let slot = Parameter.integer(try connection.slot(of: tenant))
            return try connection.query(query, [slot] + parameters).text(0, 0)
        }
        return DecisionState(rawValue: text) ?? .waiting
    }

    /// The request of that id.
    ///
    /// - Throws: `notFound` when there is none.
    package func find(_ id: DecisionID) async throws(Problem) -> DecisionRequest {
        let rows = try await rows("WHERE request_id = $1", [.uuid(id.bytes)])
        guard let row = rows.first else {
            throw Problem(
                .notFound,
                "no request of that id",
                hint: "\(.listRequests(all: false)) shows those that wait"
            )
        }
        return row
    }

    /// Requests that wait for a signature, or all, newest first.
    package func list(waitingOnly: Bool) async throws(Problem) -> [DecisionRequest] {
        try await rows(waitingOnly ? "WHERE state = 'waiting'" : "", [])
    }

    private func rows(
        _ condition: String,
        _ parameters: [Parameter]
    ) async throws(Problem) -> [DecisionRequest] {
        try await operators.run { connection in
            let rows = try connection.query(
                """
                SELECT request_id, tenant_id, action, plan, head_leaf_hash, requester,
                    authority, subject_sealed, requested_at, state
                FROM tally.request JOIN tally.tenant USING (slot)
                \(condition) ORDER BY requested_at DESC, request_id
                """,
                parameters
            )
            return try rows.map { row throws(PostgresError) in try DecisionRequest(row) }
        }
    }
}

extension DecisionRequest {
    fileprivate init(_ row: Row) throws(PostgresError) {
        let number = UInt8(clamping: try row["action"].integer())
        guard let action = ApprovalAction(rawValue: number),
            let head = Digest(try row["head_leaf_hash"].bytes())
        else { throw PostgresError(.unexpectedResult, message: "a request of another shape") }
        self.init(
            id: try row["request_id"].id(),
            tenant: try row["tenant_id"].id(),
            action: action,
            plan: try row["plan"].bytes(),
            head: head,
            requester: try row["requester"].id(),
            authority: try row["authority"].word(),
            subjectSealed: try row["subject_sealed"].optionalBytes(),
            requestedAt: try row["requested_at"].instant(),
            state: try row["state"].word()
        )
    }
}
