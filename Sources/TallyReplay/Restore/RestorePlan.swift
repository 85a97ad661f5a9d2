// A restore's plan: one step a stream, and everything that somebody who approves it must know.

package import TallyCore
package import TallyCrypto
package import TallyStore

/// What a restore will do.
package struct RestorePlan: Sendable {
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

    /// The moment that is restored.
    package let cut: Place
    /// The log on which the plan was made.
    package let head: Place
    package let scope: RestoreScope
    package let switches: RestoreSwitches
    /// In the order of the streams' tags.
    package let steps: [Step]
    /// Streams that stay as they are, because somebody else has written to them, or a person in them
    /// was readmitted.
    package let conflicts: [BlindTag]
    /// Streams of collections that are never rewound, and stay as they are.
    package let keptCount: Int
    /// Streams that stay as they are because of a switch.
    package let leftCount: Int
    /// Parts of the documents that come back which were erased, and stay so.
    package let erasedParts: Int
    /// The state root of the documents that come back.
    package let root: Digest
}

extension RestorePlan {
    /// The plan as it is signed; scopes name things by blind tags.
    ///
    /// - Throws: `tooLarge` when it has more steps than fit into 16 MiB.
    package func decision(
        of tenant: TenantID,
        tag: (IndexKey.Label, String) -> BlindTag
    ) throws(StoreError) -> DecisionPlan {
        var isUndo = false
        if case .restore = scope { isUndo = true }
        let plan = DecisionPlan(isUndo ? .undo : .restore, tenant, fields(tag))
        guard plan.json.count <= JSONLimits.maximumBytes else {
            throw StoreError(
                .tooLarge,
                "the plan of \(steps.count) streams does not fit into 16 MiB",
                hint: "restore one collection at a time"
            )
        }
        return plan
    }

    private func fields(
        _ tag: (IndexKey.Label, String) -> BlindTag
    ) -> [(key: JSONString, value: JSONValue)] {
        [
            ("conflicts", .array(conflicts.map { .hex($0.bytes) })),
            ("cut", .number(JSONNumber(cut.size))), ("cut_leaf_hash", .hex(cut.leafHash.bytes)),
            ("erased_parts", .number(JSONNumber(erasedParts))),
            ("head", .number(JSONNumber(head.size))),
            ("head_leaf_hash", .hex(head.leafHash.bytes)),
            ("kept", .number(JSONNumber(keptCount))), ("left", .number(JSONNumber(leftCount))),
            ("root", .hex(root.bytes)), ("scope", scope.json(tag)),
            ("steps", .array(steps.map(\.json))), ("switches", switches.json),
        ]
    }
}

extension RestorePlan.Step {
    var json: JSONValue {
        [.hex(stream.bytes), .number(JSONNumber(version)), .number(JSONNumber(target))]
    }

    init?(_ json: JSONValue) {
        guard let items = json.arrayValue, items.count == 3,
            let stream = items[0].bytes.flatMap({ BlindTag($0) }),
            let version = items[1].uint64Value, let target = items[2].uint64Value, target < version
        else { return nil }
        self.init(stream: stream, version: Int(clamping: version), target: Int(clamping: target))
    }

    /// The steps of a plan that was signed, and its root; `nil` for anything else.
    package static func read(_ plan: [UInt8]) -> (steps: [Self], root: Digest)? {
        guard let object = try? JSONReader.parse(plan).objectValue,
            let items = object["steps"]?.arrayValue,
            let root = object["root"]?.bytes.flatMap({ Digest($0) })
        else { return nil }
        let steps = items.compactMap { Self($0) }
        return steps.count == items.count ? (steps, root) : nil
    }
}

extension RestoreScope {
    fileprivate func json(_ tag: (IndexKey.Label, String) -> BlindTag) -> JSONValue {
        switch self {
        case .tenant: ["kind": "tenant"]
        case .collection(let name):
            ["kind": "collection", "tag": .hex(tag(.collection, name).bytes)]
        case .stream(let name): ["kind": "stream", "tag": .hex(tag(.stream, name).bytes)]
        case .actor(let name): ["kind": "actor", "tag": .hex(tag(.actor, name).bytes)]
        case .events(let range):
            [
                "from": .number(JSONNumber(range.lowerBound)), "kind": "events",
                "to": .number(JSONNumber(range.upperBound)),
            ]
        case .restore(let id): ["kind": "restore", "restore": .hex(id.bytes)]
        }
    }
}

extension RestoreSwitches {
    fileprivate var json: JSONValue {
        [
            "create_missing": .bool(createsMissing), "delete_new": .bool(deletesNew),
            "update_existing": .bool(updatesExisting),
        ]
    }
}
