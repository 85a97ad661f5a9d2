// Requests and the signatures under them: opened by one operator, approved by another.

package import TallyCore
package import TallyCrypto
package import TallyPostgres

/// What has become of a request.
package enum DecisionState: String, Sendable {
    /// Another operator must sign.
    case waiting
    /// It may be carried out.
    case approved
    /// It was carried out.
    case applied
    /// It was refused.
    case refused
}

/// A request as the register has it.
package struct DecisionRow: Sendable {
    package let id: DecisionID
    package let tenant: TenantID
    package let action: ApprovalAction
    package let plan: [UInt8]
    /// The leaf hash of an event that the requester had seen.
    package let head: Digest
    package let requester: OperatorID
    /// µs since 1970.
    package let requestedAt: UInt64
    package let state: DecisionState
}

/// Opens, approves and refuses requests.
package struct DecisionRequests: Sendable {
    /// How long a signature counts, unless its signer says otherwise.
    package static let validity = Duration.seconds(7 * 24 * 3600)

    private let operators: LogReader
    private let register: OperatorRegister
    private let ledger: LedgerID
    private let clock: @Sendable () -> UInt64

    /// Works with connections of role tally_operator.
    package init(
        pool: ConnectionPool,
        ledger: LedgerID,
        clock: @escaping @Sendable () -> UInt64
    ) {
        operators = LogReader(pool: pool)
        register = OperatorRegister(pool: pool)
        self.ledger = ledger
        self.clock = clock
    }

    /// Records a request with the requester's own signature.
    ///
    /// - Parameters:
    ///   - plan: what is asked for.
    ///   - key: the requester's; needed unless one person decides alone.
    /// - Returns: `waiting` until another operator signs, `approved` or `applied` where nobody must.
    /// - Throws: `approvalRequired` without a key, `refused` for one that is not an operator's.
    package func open(
        _ plan: DecisionPlan,
        by key: OperatorKey?
    ) async throws(StoreError) -> DecisionState {
        try await requireKey(key)
        let (position, head) = try await head(of: plan.tenant)
        let requester = key?.id ?? .zero
        let signed = try key?.sign(
            approval(plan.id, plan.action, plan.tenant, plan.digest, head, requester, requester)
        )
        return try await state(
            "SELECT tally.open_request($1, $2, $3, $4, $5, $6, $7)",
            [
                .uuid(plan.id.bytes), .uuid(plan.tenant.bytes),
                .integer(Int32(clamping: plan.action.rawValue)), .bytea(plan.json),
                .bigint(Int64(clamping: position)), .uuid(requester.bytes),
                .bytea(signed?.encoded()),
            ]
        )
    }

    private func requireKey(_ key: OperatorKey?) async throws(StoreError) {
        guard key == nil, try await !register.hasSingleOperator() else { return }
        throw StoreError(
            .approvalRequired,
            "in this ledger every decision is signed by the operator who asks for it",
            hint: "give --operator-key FILE; tally operator list shows who may"
        )
    }

    private func head(
        of tenant: TenantID
    ) async throws(StoreError) -> (position: Int, hash: Digest) {
        let row = try await operators.run {
            try TenantQuery.rows($0, where: "t.tenant_id = $1", [.uuid(tenant.bytes)])
        }.first
        guard let row else {
            throw StoreError(.notFound, "no such tenant", hint: "check the name")
        }
        return (row.size - 1, row.lastLeafHash)
    }

    private func approval(
        _ id: DecisionID,
        _ action: ApprovalAction,
        _ tenant: TenantID,
        _ plan: Digest,
        _ head: Digest,
        _ requester: OperatorID,
        _ approver: OperatorID
    ) -> Approval {
        let now = clock()
        return Approval(
            action: action,
            ledger: ledger,
            tenant: tenant,
            request: id,
            plan: plan,
            head: head,
            requester: requester,
            approver: approver,
            approvedAt: now,
            expiresAt: now + UInt64(Self.validity.components.seconds) * 1_000_000
        )
    }

    /// Signs a request as another operator.
    ///
    /// - Returns: `approved` for an erasure, which waits for its run; `applied` for everything else.
    /// - Throws: `refused` for the requester, for somebody who is no operator, and for a request that
    ///   waits for nobody.
    package func approve(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(StoreError) -> DecisionState {
        let row = try await find(id)
        let signed = try key.sign(
            approval(
                id,
                row.action,
                row.tenant,
                SHA256.hash(row.plan),
                row.head,
                row.requester,
                key.id
            )
        )
        return try await take(signed)
    }

    /// Takes a signature that was made elsewhere.
    ///
    /// - Throws: `refused` when it is not that of a registered operator under this request.
    package func take(_ approval: Approval) async throws(StoreError) -> DecisionState {
        let signer = try await register.list().first { $0.id == approval.approver }
        guard let signer, approval.isSigned(by: signer.publicKey) else {
            throw StoreError(
                .refused,
                "the signature is not that of an operator of this ledger",
                hint: "tally operator list shows who may sign"
            )
        }
        return try await state(
            "SELECT tally.approve_request($1, $2)",
            [.uuid(approval.request.bytes), .bytea(approval.encoded())]
        )
    }

    /// Ends a request without doing it; the ground is a reference of 1 to 64 characters.
    package func refuse(_ id: DecisionID, ground: String) async throws(StoreError) {
        try await operators.run { connection in
            _ = try connection.query(
                "SELECT tally.refuse_request($1, $2)",
                [.uuid(id.bytes), .text(ground)]
            )
        }
    }

    private func state(
        _ query: String,
        _ parameters: [Parameter]
    ) async throws(StoreError) -> DecisionState {
        let text = try await operators.run { try $0.query(query, parameters).text(0, 0) }
        return DecisionState(rawValue: text) ?? .waiting
    }

    /// The request of that id.
    ///
    /// - Throws: `notFound` when there is none.
    package func find(_ id: DecisionID) async throws(StoreError) -> DecisionRow {
        let rows = try await rows("WHERE request_id = $1", [.uuid(id.bytes)])
        guard let row = rows.first else {
            throw StoreError(
                .notFound,
                "no request of that id",
                hint: "tally approval list shows those that wait"
            )
        }
        return row
    }

    /// Requests that wait for a signature, or all, newest first.
    package func list(waitingOnly: Bool) async throws(StoreError) -> [DecisionRow] {
        try await rows(waitingOnly ? "WHERE state = 'waiting'" : "", [])
    }

    private func rows(
        _ condition: String,
        _ parameters: [Parameter]
    ) async throws(StoreError) -> [DecisionRow] {
        try await operators.run { connection in
            let rows = try connection.query(
                """
                SELECT request_id, tenant_id, action, plan, head_leaf_hash, requester,
                    requested_at, state
                FROM tally.request \(condition) ORDER BY requested_at DESC, request_id
                """,
                parameters
            )
            return try (0..<rows.count).map { try Self.row(rows, $0) }
        }
    }

    private static func row(_ rows: Rows, _ row: Int) throws(PostgresError) -> DecisionRow {
        guard let id = DecisionID(try rows.bytes(row, 0)),
            let tenant = TenantID(try rows.bytes(row, 1)),
            let action = ApprovalAction(rawValue: UInt8(clamping: try rows.integer(row, 2))),
            let head = Digest(try rows.bytes(row, 4)),
            let requester = OperatorID(try rows.bytes(row, 5)),
            let state = DecisionState(rawValue: try rows.text(row, 7))
        else { throw PostgresError(.unexpectedResult, message: "a request of another shape") }
        return DecisionRow(
            id: id,
            tenant: tenant,
            action: action,
            plan: try rows.bytes(row, 3),
            head: head,
            requester: requester,
            requestedAt: try rows.time(row, 6),
            state: state
        )
    }
}
