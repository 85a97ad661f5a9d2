// A plan: what exactly will be done, as canonical JSON whose hash operators sign. Nothing is done
// that is not in it.

package import TallyCrypto

/// Something that operators decide about.
package struct DecisionPlan: Sendable {
    /// Its request's id.
    package let id: DecisionID
    package let action: ApprovalAction
    package let tenant: TenantID
    /// Canonical JSON (RFC 8785); no name stands in it.
    package let json: [UInt8]

    /// The hash that is signed.
    package var digest: Digest { SHA256.hash(json) }

    /// A plan with what its action needs; `id` is that of a request to come.
    package init(
        _ action: ApprovalAction,
        _ tenant: TenantID,
        _ fields: [(key: JSONString, value: JSONValue)],
        id: DecisionID = .random()
    ) {
        self.id = id
        self.action = action
        self.tenant = tenant
        var object = JSONObject(fields)
        object["action"] = .number(JSONNumber(Int64(action.rawValue)))
        object["request"] = .hex(id.bytes)
        object["tenant"] = .hex(tenant.bytes)
        json = JSONValue.object(object).canonical()
    }

    /// A legal hold on a subject, or on a whole tenant for the tag of zeros; `reviewAt` is when
    /// somebody must look at it again, µs since 1970.
    package static func hold(
        _ tenant: TenantID,
        _ subject: BlindTag,
        reviewAt: UInt64
    ) -> Self {
        Self(
            .hold,
            tenant,
            [
                ("review_at", .number(JSONNumber(Int64(clamping: reviewAt)))),
                ("subject_tag", .hex(subject.bytes)),
            ]
        )
    }

    /// The end of a legal hold.
    package static func release(
        _ tenant: TenantID,
        hold: DecisionID,
        id: DecisionID = .random()
    ) -> Self {
        Self(.release, tenant, [("hold", .hex(hold.bytes))], id: id)
    }

    /// The return of a subject whom an erasure has erased.
    package static func readmission(
        _ tenant: TenantID,
        erasure: DecisionID,
        id: DecisionID = .random()
    ) -> Self {
        Self(.readmission, tenant, [("erasure", .hex(erasure.bytes))], id: id)
    }

    /// A new operator, or with `person` another key of one; `tenant` is the ledger's own.
    package static func addition(
        _ tenant: TenantID,
        of key: SignerKey,
        person: OperatorID? = nil,
        id: DecisionID = .random()
    ) -> Self {
        Self(
            .operatorChange,
            tenant,
            [("public_key", .hex(key.bytes))]
                + (person.map { [("person", .hex($0.bytes))] } ?? []),
            id: id
        )
    }

    /// An operator's end; `tenant` is the ledger's own.
    package static func end(
        _ tenant: TenantID,
        of operator: OperatorID,
        id: DecisionID = .random()
    ) -> Self {
        Self(.operatorChange, tenant, [("operator", .hex(`operator`.bytes))], id: id)
    }

    /// A new owner of a tenant's data, who may decide about `actions`.
    package static func ownerAddition(
        _ tenant: TenantID,
        of key: SignerKey,
        _ actions: Set<ApprovalAction>,
        id: DecisionID = .random()
    ) -> Self {
        Self(
            .ownerChange,
            tenant,
            [
                ("actions", .numbers(actions)), ("public_key", .hex(key.bytes)),
            ],
            id: id
        )
    }

    /// The end of an owner's term.
    package static func ownerEnd(
        _ tenant: TenantID,
        of owner: OperatorID,
        id: DecisionID = .random()
    ) -> Self {
        Self(.ownerChange, tenant, [("owner", .hex(owner.bytes))], id: id)
    }
}

extension JSONValue {
    /// Actions by their numbers, in order.
    fileprivate static func numbers(_ actions: Set<ApprovalAction>) -> JSONValue {
        .array(actions.map(\.rawValue).sorted().map { .number(JSONNumber(Int64($0))) })
    }
}
