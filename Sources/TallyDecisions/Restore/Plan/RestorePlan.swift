// A restore's plan: one step a stream, and everything that somebody who approves it must know.

public import TallyCore
package import TallyCrypto
internal import TallyReplay
internal import TallyStore

/// What a restore will do, before anybody has signed it.
public struct RestorePlan: Sendable {
    /// What becomes of one stream.
    package struct Step: Sendable, Equatable {
        package let stream: BlindTag
        /// The stream's version, on which the plan was made.
        package let version: Int
        /// The version whose document comes back; 0 to delete the document.
        package let target: Int
    }

    /// A position in the log with the hash that commits to everything up to it.
    package struct Place: Sendable, Equatable {
        /// How many events there are.
        package let size: Int
        /// The leaf hash of the newest of them.
        package let leafHash: Digest
    }

    /// Whose documents.
    public let tenant: TenantID
    /// The moment that is restored.
    package let cut: Place
    /// The log on which the plan was made.
    package let head: Place
    /// What is taken back, by blind tags; ``TakenBack`` says how.
    package let scope: JSONObject
    package let switches: RestoreSwitches
    /// In the order of the streams' tags.
    package let steps: [Step]
    /// Streams that stay as they are, because somebody else has written to them, or a person in
    /// them was readmitted.
    package let conflicts: [BlindTag]
    /// Streams of collections that are never rewound, and stay as they are.
    public let keptCount: Int
    /// Streams that stay as they are because of a switch.
    public let leftCount: Int
    /// Parts of the documents that come back which were erased, and stay so.
    public let erasedParts: Int
    /// The state root of the documents that come back.
    package let root: Digest

    /// How many events counted at the moment that is restored.
    public var cutSize: Int { cut.size }
    /// How many events the log had when the plan was made.
    public var headSize: Int { head.size }
    /// How many streams are written to.
    public var changeCount: Int { steps.count }
    /// How many of them lose their document, as they had none at the moment.
    public var deletionCount: Int { steps.count { $0.target == 0 } }
    /// Streams that stay as they are, because somebody else has written to them since, or a person
    /// in them was readmitted.
    public var conflictCount: Int { conflicts.count }
}

extension RestorePlan {
    /// Whether it takes another restore back.
    private var isUndo: Bool { scope["restore"] != nil }

    /// The plan as it is signed.
    ///
    /// - Throws: `tooLarge` when it has more steps than fit into 16 MiB.
    package func decision() throws(Problem) -> DecisionPlan {
        let plan = DecisionPlan(isUndo ? .undo : .restore, tenant, fields)
        guard plan.json.count <= JSONLimits.maximumBytes else {
            throw Problem(
                .tooLarge,
                "the plan of \(steps.count) streams does not fit into 16 MiB",
                hint: "restore one collection at a time"
            )
        }
        return plan
    }

    private var fields: [(key: JSONString, value: JSONValue)] {
        [
            ("conflicts", .array(conflicts.map { .hex($0.bytes) })),
            ("cut", .number(JSONNumber(cut.size))), ("cut_leaf_hash", .hex(cut.leafHash.bytes)),
            ("erased_parts", .number(JSONNumber(erasedParts))),
            ("head", .number(JSONNumber(head.size))),
            ("head_leaf_hash", .hex(head.leafHash.bytes)),
            ("kept", .number(JSONNumber(keptCount))), ("left", .number(JSONNumber(leftCount))),
            ("root", .hex(root.bytes)), ("scope", .object(scope)),
            ("steps", .array(steps.map(\.json))), ("switches", switches.json),
        ]
    }

    /// Reads a plan that was signed; `nil` for anything else.
    package init?(decoding plan: [UInt8]) {
        guard let object = try? JSONReader.parse(plan).objectValue,
            let tenant = object["tenant"]?.bytes.flatMap({ TenantID($0) }),
            let cut = Place(object["cut"], object["cut_leaf_hash"]),
            let head = Place(object["head"], object["head_leaf_hash"]),
            let scope = object["scope"]?.objectValue,
            let switches = RestoreSwitches(object["switches"]),
            let steps = object["steps"]?.arrayValue,
            let conflicts = object["conflicts"]?.arrayValue,
            let root = object["root"]?.bytes.flatMap({ Digest($0) }),
            let kept = object["kept"]?.uint64Value, let left = object["left"]?.uint64Value,
            let erased = object["erased_parts"]?.uint64Value
        else { return nil }
        self.init(
            tenant: tenant,
            cut: cut,
            head: head,
            scope: scope,
            switches: switches,
            steps: steps.compactMap { Step($0) },
            conflicts: conflicts.compactMap { $0.bytes.flatMap { BlindTag($0) } },
            keptCount: Int(clamping: kept),
            leftCount: Int(clamping: left),
            erasedParts: Int(clamping: erased),
            root: root
        )
        guard self.steps.count == steps.count, self.conflicts.count == conflicts.count else {
            return nil
        }
    }
}

extension RestorePlan.Place {
    /// Where a cut is.
    ///
    /// - Throws: `invalid` for one before the first event.
    init(_ cut: Cut) throws(Problem) {
        guard let newest = cut.newest else {
            throw Problem(
                .invalid,
                "there is nothing before the first event",
                hint: "give a moment after the tenant was created"
            )
        }
        self.init(size: cut.size, newest: newest)
    }

    /// Behind an event.
    init(size: Int, newest: StoredEvent) {
        var hash = SHA256()
        self.init(size: size, leafHash: Leaf.hash(newest.leaf, with: &hash))
    }

    fileprivate init?(_ size: JSONValue?, _ hash: JSONValue?) {
        guard let size = size?.uint64Value, let hash = hash?.bytes.flatMap({ Digest($0) }) else {
            return nil
        }
        self.init(size: Int(clamping: size), leafHash: hash)
    }
}

extension RestorePlan.Step {
    fileprivate var json: JSONValue {
        [.hex(stream.bytes), .number(JSONNumber(version)), .number(JSONNumber(target))]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let items = json.arrayValue, items.count == 3,
            let stream = items[0].bytes.flatMap({ BlindTag($0) }),
            let version = items[1].uint64Value, let target = items[2].uint64Value, target < version
        else { return nil }
        self.init(stream: stream, version: Int(clamping: version), target: Int(clamping: target))
    }
}

extension RestoreSwitches {
    fileprivate var json: JSONValue {
        [
            "create_missing": .bool(createsMissing), "delete_new": .bool(deletesNew),
            "update_existing": .bool(updatesExisting),
        ]
    }

    fileprivate init?(_ json: JSONValue?) {
        guard let object = json?.objectValue,
            let create = object["create_missing"]?.boolValue,
            let delete = object["delete_new"]?.boolValue,
            let update = object["update_existing"]?.boolValue
        else { return nil }
        (createsMissing, deletesNew, updatesExisting) = (create, delete, update)
    }
}
