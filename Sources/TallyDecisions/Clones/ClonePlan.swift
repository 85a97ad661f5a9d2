// A restore into a new tenant, as it is signed: which documents of whom, as of when, and the tenant
// to be.

public import TallyCore
package import TallyCrypto
internal import TallyStore

/// The tenant that a clone will be; decided with the plan, so that an approval is about just this
/// one.
package struct CloneTenant: Sendable {
    package let id: TenantID
    /// The blind tag of its name.
    package let nameTag: BlindTag
    /// Its name, sealed under a key of the ledger's own tenant.
    package let nameSealed: [UInt8]

    /// Names a tenant to be.
    package init(id: TenantID, nameTag: BlindTag, nameSealed: [UInt8]) {
        self.id = id
        self.nameTag = nameTag
        self.nameSealed = nameSealed
    }
}

/// What a restore into a new tenant will copy, before anybody has signed it.
public struct ClonePlan: Sendable {
    /// Whose documents are copied.
    public let tenant: TenantID
    package let clone: CloneTenant
    /// The moment that is copied.
    package let cut: RestorePlan.Place
    package let scope: CloneScope
    /// How many documents are copied.
    public let documents: Int
    /// Parts of them that were erased, and stay so.
    public let erasedParts: Int
    /// The state root of these documents.
    package let root: Digest

    /// How many events counted at the moment that is copied.
    public var cutSize: Int { cut.size }

    /// The plan as it is signed.
    package func decision() -> DecisionPlan {
        DecisionPlan(
            .restore,
            tenant,
            [
                (
                    "clone",
                    [
                        "name_sealed": .hex(clone.nameSealed),
                        "name_tag": .hex(clone.nameTag.bytes), "tenant": .hex(clone.id.bytes),
                    ]
                ),
                ("cut", .number(JSONNumber(cut.size))),
                ("cut_leaf_hash", .hex(cut.leafHash.bytes)),
                ("documents", .number(JSONNumber(documents))),
                ("erased_parts", .number(JSONNumber(erasedParts))), ("root", .hex(root.bytes)),
                ("scope", .object(scope.tagged)), ("steps", []),
            ]
        )
    }

    /// Reads a plan that was signed; `nil` for anything else.
    package init?(decoding plan: [UInt8]) {
        guard let object = try? JSONReader.parse(plan).objectValue,
            let tenant = object["tenant"]?.bytes.flatMap({ TenantID($0) }),
            let clone = CloneTenant(object["clone"]?.objectValue),
            let size = object["cut"]?.uint64Value,
            let hash = object["cut_leaf_hash"]?.bytes.flatMap({ Digest($0) }),
            let documents = object["documents"]?.uint64Value,
            let erased = object["erased_parts"]?.uint64Value,
            let root = object["root"]?.bytes.flatMap({ Digest($0) }),
            let scope = object["scope"]?.objectValue.flatMap({ CloneScope(tagged: $0) })
        else { return nil }
        self.init(
            tenant: tenant,
            clone: clone,
            cut: RestorePlan.Place(size: Int(clamping: size), leafHash: hash),
            scope: scope,
            documents: Int(clamping: documents),
            erasedParts: Int(clamping: erased),
            root: root
        )
    }

    init(
        tenant: TenantID,
        clone: CloneTenant,
        cut: RestorePlan.Place,
        scope: CloneScope,
        documents: Int,
        erasedParts: Int,
        root: Digest
    ) {
        self.tenant = tenant
        self.clone = clone
        self.cut = cut
        self.scope = scope
        self.documents = documents
        self.erasedParts = erasedParts
        self.root = root
    }
}

extension CloneTenant {
    fileprivate init?(_ object: JSONObject?) {
        guard let id = object?["tenant"]?.bytes.flatMap({ TenantID($0) }),
            let tag = object?["name_tag"]?.bytes.flatMap({ BlindTag($0) }),
            let sealed = object?["name_sealed"]?.bytes
        else { return nil }
        self.init(id: id, nameTag: tag, nameSealed: sealed)
    }
}

/// Which documents a clone gets, by blind tags of the source.
package enum CloneScope: Sendable, Equatable {
    /// All.
    case tenant
    /// Those of a collection, without those of collections in it.
    case collection(BlindTag)
    /// That of one stream.
    case stream(BlindTag)

    fileprivate var tagged: JSONObject {
        switch self {
        case .tenant: ["kind": "tenant"]
        case .collection(let tag): ["kind": "collection", "tag": .hex(tag.bytes)]
        case .stream(let tag): ["kind": "stream", "tag": .hex(tag.bytes)]
        }
    }

    fileprivate init?(tagged object: JSONObject) {
        let tag = object["tag"]?.bytes.flatMap { BlindTag($0) }
        switch (object["kind"]?.stringValue, tag) {
        case ("tenant", nil): self = .tenant
        case ("collection", let tag?): self = .collection(tag)
        case ("stream", let tag?): self = .stream(tag)
        default: return nil
        }
    }
}
