// The form of a request in a file: canonical JSON with ids and bytes in hexadecimal digits.

public import TallyCore
internal import TallyCrypto

extension SigningRequest {
    /// The file: one JSON object.
    public func encoded() -> [UInt8] {
        var object: JSONObject = [
            "action": .number(JSONNumber(Int64(draft.action.rawValue))),
            "head": .hex(draft.head.bytes), "ledger": .hex(draft.ledger.bytes),
            "plan": .hex(draft.plan), "request": .hex(draft.request.bytes),
            "requester": .hex(draft.requester.bytes), "tenant": .hex(draft.tenant.bytes),
            "tenant_name": .string(JSONString(tenantName)),
        ]
        object["subject"] = subject.map { .string(JSONString($0)) }
        switch progress {
        case .asked: break
        case .prepared(let approval):
            object["approver"] = .hex(approval.approver.bytes)
            object["approved_at"] = .number(JSONNumber(approval.approvedAt))
        case .signed(let approval): object["signed"] = .hex(approval.encoded())
        }
        return JSONValue.object(object).canonical()
    }

    /// Reads a file.
    ///
    /// - Throws: `invalid` for anything but what ``encoded()`` writes, and for a signature that is
    ///   about something else than the plan beside it.
    public init(decoding text: [UInt8]) throws(Problem) {
        guard let object = (try? JSONReader.parse(text))?.objectValue,
            let draft = ApprovalDraft(object), let tenant = object["tenant_name"]?.stringValue
        else { throw Self.unreadable }
        self.init(draft, tenantName: tenant, subject: object["subject"]?.stringValue)
        guard PlanWords(draft.plan, draft.action, tenant: tenant, subject: subject) != nil else {
            throw Self.unreadable
        }
        if let signed = object["signed"]?.bytes {
            try take(signed)
        } else if let approver = object["approver"]?.bytes.flatMap({ OperatorID($0) }),
            let time = object["approved_at"]?.uint64Value
        {
            self = prepared(for: approver, at: Instant(micros: time))
        }
    }

    private mutating func take(_ signed: [UInt8]) throws(Problem) {
        guard let approval = try? Approval(decoding: signed) else { throw Self.unreadable }
        var drafted = draft.approval(by: approval.approver, at: approval.approvedAt)
        (drafted.signature, drafted.expiresAt) = (approval.signature, approval.expiresAt)
        guard drafted == approval else {
            throw Problem(
                .forbidden,
                "the signature in the file is about something else than the plan in it",
                hint: "somebody has changed the file: get it again, and read it before you sign"
            )
        }
        progress = .signed(approval)
    }

    private static let unreadable = Problem(
        .invalid,
        "not a request to be signed",
        hint: "write one: tally approval show REQUEST --to-sign > request.json"
    )
}

extension ApprovalDraft {
    fileprivate init?(_ object: JSONObject) {
        guard
            let action = object["action"]?.uint64Value.flatMap({
                ApprovalAction(rawValue: UInt8(clamping: $0))
            }),
            let ledger = object["ledger"]?.bytes.flatMap({ LedgerID($0) }),
            let tenant = object["tenant"]?.bytes.flatMap({ TenantID($0) }),
            let request = object["request"]?.bytes.flatMap({ DecisionID($0) }),
            let plan = object["plan"]?.bytes,
            let head = object["head"]?.bytes.flatMap({ Digest($0) }),
            let requester = object["requester"]?.bytes.flatMap({ OperatorID($0) })
        else { return nil }
        self.init(
            action: action,
            ledger: ledger,
            tenant: tenant,
            request: request,
            plan: plan,
            head: head,
            requester: requester
        )
    }
}
