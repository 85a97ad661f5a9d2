// A log in memory that has nothing but legal holds, and the registers that belong to it.

internal import TallyCore
internal import TallyCrypto
internal import TallyDecisions

/// Many decisions of one tenant.
struct DecidedHolds {
    private static let start: UInt64 = 1_764_000_000_000_000
    /// The operators are there before the tenant's first event.
    private static let later: UInt64 = start + 1_000

    private let ledger = LedgerID.random()
    private let ownTenant = TenantID.random()
    private let tenant = TenantID.random()
    private var own: [ClearFact] = []
    private var facts: [ClearFact] = []
    private var rows = RegisterRows()

    /// Decides so many holds: two operators sign each, or one person decides alone.
    init(_ count: Int, isSigned: Bool) throws {
        let people = try (0..<2).map { _ in try OperatorKey(Ed25519PrivateKey()) }
        own.append(Self.fact(.originOpened, origin(isSigned), 0, Self.start))
        if isSigned {
            for (person, position) in zip(people, UInt64(1)...) {
                own.append(Self.fact(.operatorAction, addition(person), position, Self.start))
            }
        }
        facts.reserveCapacity(count * 3)
        for _ in 0..<count { try decide(isSigned ? people : []) }
    }

    /// Follows the log, and holds the registers against it.
    func check() -> RegisterCheck.Result {
        var ownFold = DecisionFold(ledger: ledger, ownTenant: ownTenant)
        for fact in own { precondition(ownFold.add(fact) == nil) }
        var fold = DecisionFold(ledger: ledger, tenant: tenant, operators: ownFold.operators)
        for fact in facts { precondition(fold.add(fact) == nil) }
        return RegisterCheck.run(rows, against: fold)
    }

    private mutating func note(_ kind: EventKind, _ content: JSONObject) {
        let position = UInt64(facts.count)
        facts.append(Self.fact(kind, content, position, Self.later + position))
    }

    private static func fact(
        _ kind: EventKind,
        _ content: JSONObject,
        _ position: UInt64,
        _ recordedAt: UInt64
    ) -> ClearFact {
        let leaf = Leaf(
            kind: kind,
            tenant: .zero,
            position: position,
            recordedAt: recordedAt,
            eventID: .zero,
            previous: SHA256.hash([]),
            partDigests: []
        )
        guard let fact = ClearFact(leaf, clear: JSONValue.object(content).canonical()) else {
            preconditionFailure("not an event")
        }
        return fact
    }

    private func origin(_ isSigned: Bool) -> JSONObject {
        var content: JSONObject = ["origin": "bench.example", "previous": .hex(zeros(32))]
        if !isSigned { content["single_operator"] = true }
        return content
    }

    private func addition(_ person: OperatorKey) -> JSONObject {
        [
            "action": "addOperator", "operator": .hex(zeros(16)),
            "public_key": .hex(person.publicKey.bytes), "request": .hex(zeros(16)),
            "target": .hex(person.id.bytes),
        ]
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    private mutating func decide(_ people: [OperatorKey]) throws {
        let tag = BlindTag.random()
        let review = Self.start + 1_000_000_000_000
        let plan = DecisionPlan.hold(tenant, tag, reviewAt: review)
        let asked = try sign(plan, people, by: people.first)
        let requestedAt = Self.later + UInt64(facts.count)
        note(.operatorAction, event("request", plan, asked, people.first))
        if let approving = people.last {
            let approved = try sign(plan, people, by: approving)
            note(.operatorAction, event("approve", plan, approved, approving))
        }
        let placedAt = Self.later + UInt64(facts.count)
        note(
            .held,
            ["hold": .hex(plan.id.bytes), "review_at": .number(JSONNumber(review))]
        )
        rows.requests.append(
            RegisterRows.Request(
                id: plan.id,
                action: plan.action.rawValue,
                plan: plan.json,
                head: SHA256.hash([]).bytes,
                requester: people.first?.id ?? .zero,
                authority: "operators",
                requestedAt: requestedAt,
                state: "applied"
            )
        )
        rows.holds.append(
            RegisterRows.Hold(
                id: plan.id,
                subjectTag: tag.bytes,
                reviewAt: review,
                placedAt: placedAt,
                releasedAt: nil
            )
        )
    }

    private func event(
        _ action: JSONValue,
        _ plan: DecisionPlan,
        _ approval: Approval?,
        _ person: OperatorKey?
    ) -> JSONObject {
        var content: JSONObject = [
            "action": action, "approvals": .array((approval.map { [.hex($0.encoded())] }) ?? []),
            "operator": .hex((person?.id ?? .zero).bytes), "target": .hex(plan.id.bytes),
        ]
        if action == "request" { content["plan"] = .hex(plan.digest.bytes) }
        return content
    }

    private mutating func sign(
        _ plan: DecisionPlan,
        _ people: [OperatorKey],
        by person: OperatorKey?
    ) throws -> Approval? {
        guard let person, let asking = people.first else { return nil }
        let now = Self.later + UInt64(facts.count)
        var approval = Approval(
            action: plan.action,
            ledger: ledger,
            tenant: tenant,
            request: plan.id,
            plan: plan.digest,
            head: SHA256.hash([]),
            requester: asking.id,
            approver: person.id,
            approvedAt: now,
            expiresAt: now + 1_000_000_000
        )
        approval.signature = .ed25519(try person.sign(approval.message))
        rows.approvals.append(
            RegisterRows.Approval(
                request: plan.id,
                signer: person.id,
                approvedAt: approval.approvedAt,
                expiresAt: approval.expiresAt,
                signed: approval.encoded()
            )
        )
        return approval
    }
}
