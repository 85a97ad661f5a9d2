// A plan: what exactly will be done, as canonical JSON whose hash operators sign. Nothing is done
// that is not in it.

package import TallyCore
package import TallyCrypto
package import TallyVault

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

    private init(
        _ action: ApprovalAction,
        _ tenant: TenantID,
        _ fields: [(key: JSONString, value: JSONValue)]
    ) {
        id = .random()
        self.action = action
        self.tenant = tenant
        var object = JSONObject(fields)
        object["action"] = .number(JSONNumber(Int64(action.rawValue)))
        object["request"] = Self.hex(id)
        object["tenant"] = Self.hex(tenant)
        json = JSONValue.object(object).canonical()
    }

    private static func hex<Tag>(_ id: Identifier<Tag>) -> JSONValue {
        .string(JSONString(id.hex))
    }

    /// The erasure of a subject's keys, or of a whole tenant's.
    package static func erasure(of tenant: TenantID, _ scope: KeyScope, ground: String) -> Self {
        Self(
            scope.isTenant ? .tenantErasure : .subjectErasure,
            tenant,
            [
                ("classes", .array(scope.classes.map { .string(JSONString($0)) })),
                ("ground", .string(JSONString(ground))),
                ("subject_tag", hex(scope.subjectTag)),
            ]
        )
    }

    /// A legal hold on a subject, or on a whole tenant for the tag of zeros; `reviewAt` is when somebody
    /// must look at it again, µs since 1970.
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
                ("subject_tag", hex(subject)),
            ]
        )
    }

    /// The end of a legal hold.
    package static func release(_ tenant: TenantID, hold: DecisionID) -> Self {
        Self(.release, tenant, [("hold", hex(hold))])
    }

    /// The return of a subject whom an erasure has erased.
    package static func readmission(_ tenant: TenantID, erasure: DecisionID) -> Self {
        Self(.readmission, tenant, [("erasure", hex(erasure))])
    }

    /// A new operator; `tenant` is the ledger's own.
    package static func addition(_ tenant: TenantID, of key: Ed25519PublicKey) -> Self {
        Self(
            .operatorChange,
            tenant,
            [("public_key", .string(JSONString(Hex.encode(key.bytes))))]
        )
    }

    /// An operator's end; `tenant` is the ledger's own.
    package static func end(_ tenant: TenantID, of id: OperatorID) -> Self {
        Self(.operatorChange, tenant, [("operator", hex(id))])
    }
}
