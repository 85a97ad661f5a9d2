// Some of the ledger's own events with proofs that they are in a log: what a certificate rests on.

package import TallyCrypto

/// One clear event with its inclusion proof.
package struct ExcerptedEvent: Sendable {
    /// The leaf's bytes.
    package let leaf: [UInt8]
    /// Its one part: a zero byte and JSON.
    package let part: [UInt8]
    /// The path to the root, lowest sibling first.
    package let path: [Digest]

    /// Takes an event's bytes.
    package init(leaf: [UInt8], part: [UInt8], path: [Digest]) {
        self.leaf = leaf
        self.part = part
        self.path = path
    }
}

/// Events of one log, under one root.
package struct LogExcerpt: Sendable {
    package let tenant: TenantID
    /// The number of leaves under the root.
    package let size: UInt64
    package let root: Digest
    package let events: [ExcerptedEvent]

    /// Makes an excerpt of its fields.
    package init(tenant: TenantID, size: UInt64, root: Digest, events: [ExcerptedEvent]) {
        self.tenant = tenant
        self.size = size
        self.root = root
        self.events = events
    }

    /// The events, proved; `nil` when one is not in the log or not what its leaf committed to.
    package func facts() -> [ClearFact]? {
        var facts: [ClearFact] = []
        for event in events {
            guard let fact = fact(event) else { return nil }
            facts.append(fact)
        }
        return facts
    }

    private func fact(_ event: ExcerptedEvent) -> ClearFact? {
        var hash = SHA256()
        guard let leaf = try? Leaf(decoding: event.leaf), leaf.tenant == tenant,
            leaf.partDigests == [SHA256.hash(event.part)], event.part.first == 0,
            InclusionProof.verifies(
                Leaf.hash(event.leaf, with: &hash),
                at: leaf.position,
                size: size,
                path: event.path,
                root: root
            )
        else { return nil }
        return ClearFact(leaf, clear: Array(event.part.dropFirst()))
    }
}

extension LogExcerpt {
    /// The excerpt as it stands in a certificate.
    package var json: JSONValue {
        [
            "events": .array(events.map(\.json)), "root": .hex(root.bytes),
            "size": .number(JSONNumber(size)), "tenant": .hex(tenant.bytes),
        ]
    }

    /// Reads an excerpt; `nil` for anything else.
    package init?(_ json: JSONValue?) {
        guard let object = json?.objectValue, object.count == 4,
            let tenant = object["tenant"]?.bytes.flatMap({ TenantID($0) }),
            let size = object["size"]?.uint64Value,
            let root = object["root"]?.bytes.flatMap({ Digest($0) }),
            let items = object["events"]?.arrayValue
        else { return nil }
        let events = items.compactMap { ExcerptedEvent($0) }
        guard events.count == items.count else { return nil }
        self.init(tenant: tenant, size: size, root: root, events: events)
    }
}

extension ExcerptedEvent {
    fileprivate var json: JSONValue {
        [
            "leaf": .hex(leaf), "part": .hex(part),
            "path": .array(path.map { .hex($0.bytes) }),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let object = json.objectValue, object.count == 3,
            let leaf = object["leaf"]?.bytes, let part = object["part"]?.bytes,
            let steps = object["path"]?.arrayValue
        else { return nil }
        let path = steps.compactMap { $0.bytes.flatMap { Digest($0) } }
        guard path.count == steps.count else { return nil }
        self.init(leaf: leaf, part: part, path: path)
    }
}
