// The members that the clear JSON of each kind has, exactly: a clear event is never purged, so what
// does not belong into it must not stay in it unnoticed.
internal import TallyCrypto

/// What a member of clear JSON is.
private enum ClearMember {
    case approvals
    case approved
    case base64
    case empty
    case count
    case hash
    case hashes
    case id
    case ids
    case isTrue
    case numbers
    case places
    case publicKey
    case reference
    case source
    case text
    case pairs
    case slot

    func fits(_ value: JSONValue) -> Bool {
        switch self {
        case .approvals: return value.arrayValue.map { Self.areApprovals($0, 0...1) } ?? false
        case .approved: return value.arrayValue.map { Self.areApprovals($0, 1...1) } ?? false
        case .base64: return value.stringValue.map(Self.areRoots) ?? false
        case .empty: return value == ""
        case .count: return Self.isCount(value)
        case .hash: return value.bytes?.count == Digest.byteCount
        case .ids: return value.arrayValue?.allSatisfy { $0.bytes?.isEmpty == false } ?? false
        case .hashes: return value.arrayValue?.allSatisfy { Self.hash.fits($0) } ?? false
        case .id: return value.bytes?.count == 16
        case .isTrue: return value == true
        case .numbers: return value.arrayValue.map { Self.isRising($0.map(\.uint64Value)) } ?? false
        case .pairs: return value.arrayValue.map(Self.areParts) ?? false
        case .places: return Self.arePlaces(value)
        case .publicKey: return value.bytes.flatMap { SignerKey($0) } != nil
        case .reference: return value.stringValue.map(Self.isReference) ?? false
        case .slot: return value.uint64Value.map { $0 <= UInt64(UInt32.max) } ?? false
        case .source: return value.objectValue.map(Self.isSource) ?? false
        case .text: return value.stringValue != nil
        }
    }

    private static func areApprovals(_ items: [JSONValue], _ bound: ClosedRange<Int>) -> Bool {
        bound.contains(items.count)
            && items.allSatisfy { $0.bytes.flatMap { try? Approval(decoding: $0) } != nil }
    }

    private static func isCount(_ value: JSONValue) -> Bool {
        value.uint64Value.map { $0 < 1 << 53 } ?? false
    }

    /// RFC 4648 with padding, in the one way to write it.
    private static func areRoots(_ text: String) -> Bool {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let digits = text.utf8.prefix { $0 != UInt8(ascii: "=") }.map { byte in
            Array(alphabet.utf8).firstIndex(of: byte)
        }
        let padding = text.utf8.count - digits.count
        guard !text.isEmpty, text.utf8.count.isMultiple(of: 4), padding <= 2,
            text.utf8.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") }),
            let last = digits.last, let last, !digits.contains(nil)
        else { return false }
        return last.isMultiple(of: [1, 4, 16][padding])
    }

    private static func isRising(_ numbers: [UInt64?]) -> Bool {
        let known = numbers.compactMap { $0 }
        return known.count == numbers.count && zip(known, known.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// Positions and indexes of parts, each once and in order.
    private static func areParts(_ values: [JSONValue]) -> Bool {
        let parts = values.compactMap { value -> [UInt64]? in
            let pair = (value.arrayValue ?? []).compactMap(\.uint64Value)
            return pair.count == 2 && pair[1] < FormatLimits.partCount.upperBound ? pair : nil
        }
        return parts.count == values.count && parts.count <= FormatLimits.purgedPartCount
            && zip(parts, parts.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
    }

    private static func isReference(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "._:/#-".utf8.contains(byte)
                }
            }
    }

    private static func isSource(_ source: JSONObject) -> Bool {
        ClearForm.fits(source, ["cut": .count, "leaf_hash": .hash, "tenant": .id])
    }

    private static func arePlaces(_ value: JSONValue) -> Bool {
        guard let places = value.objectValue, places.count == 2,
            let projections = places["projections"]?.objectValue,
            let requests = places["requests"]
        else { return false }
        return isCount(requests) && projections.members.allSatisfy { isCount($0.value) }
    }
}

/// Compares clear events with the members of their kinds.
package enum ClearForm {
    private typealias Members = [JSONString: ClearMember]

    /// Whether an event has the members of its kind, state or action, and no others.
    package static func fits(_ fact: ClearFact) -> Bool {
        guard let members = members(of: fact) else { return false }
        return fits(fact.content, members)
    }

    fileprivate static func fits(_ object: JSONObject, _ members: [JSONString: ClearMember]) -> Bool
    {
        object.count == members.count
            && object.members.allSatisfy { members[$0.key]?.fits($0.value) ?? false }
    }

    private static func members(of fact: ClearFact) -> Members? {
        switch fact.kind {
        case .genesis:
            return (["name": .hash, "region": .text, "slot": .slot] as Members)
                .adding("source", .source, ifIn: fact)
        case .keysDestroyed: return ["erasure": .id, "keys": .hashes]
        case .restoreBegan:
            return [
                "approvals": .ids, "cut": .count, "leaf_hash": .hash, "plan": .hash,
                "restore": .id,
            ]
        case .restoreEnded: return restore(fact.text("state"))
        case .frozen: return ["level": .count, "request": .id]
        case .thawed: return ["request": .id]
        case .partsPurged: return ["destroyed": .numbers, "parts": .pairs]
        case .held: return ["hold": .id, "review_at": .count]
        case .released: return ["hold": .id, "request": .id]
        case .erasureStep: return erasure(fact)?.adding("state", .text)
        case .readmitted: return ["erasure": .id, "request": .id]
        case .tenantErased: return ["erasure": .id]
        case .originOpened:
            return (["origin": .text, "previous": .hash] as Members)
                .adding("single_operator", .isTrue, ifIn: fact)
        case .operatorAction: return action(fact)?.adding("action", .text)
        case .recorded, .imported: return nil
        }
    }

    /// One that was aborted has no roots.
    private static func restore(_ state: String?) -> Members? {
        let own: Members = [
            "applied": .count, "conflicts": .count, "restore": .id, "state": .text,
        ]
        return switch state {
        case "applied", "mismatched": own.adding("roots", .base64)
        case "aborted": own.adding("roots", .empty)
        default: nil
        }
    }

    private static func erasure(_ fact: ClearFact) -> Members? {
        let own: Members = ["erasure": .id]
        return switch fact.text("state") {
        case "requested":
            own.adding("approvals", .approvals).adding("ground", .reference)
                .adding("plan", .hash).adding("not_before", .count, ifIn: fact)
        case "approved": own.adding("approvals", .approvals)
        case "refused":
            own.adding("ground", .reference).adding("approvals", .approved, ifIn: fact)
        case "onHold": own.adding("hold", .id)
        case "fenced": own.adding("keys", .count)
        case "keysDestroyed", "epochRetired": own.adding("epoch", .count)
        case "purged":
            own.adding("backups_until", .count).adding("parts", .count).adding("places", .places)
        case "final": own
        default: nil
        }
    }

    private static func action(_ fact: ClearFact) -> Members? {
        switch fact.text("action") {
        case "skip", "unskip":
            ["operator": .id, "projection": .text, "reason": .reference, "target": .id]
        case "request":
            ["approvals": .approvals, "operator": .id, "plan": .hash, "target": .id]
        case "approve": ["approvals": .approvals, "operator": .id, "target": .id]
        case "refuse":
            (["reason": .reference, "target": .id] as Members)
                .adding("approvals", .approved, ifIn: fact).adding("operator", .id, ifIn: fact)
        case "addOperator":
            (["operator": .id, "public_key": .publicKey, "request": .id, "target": .id] as Members)
                .adding("person", .id, ifIn: fact)
        case "addOwner":
            (["actions": .numbers, "public_key": .publicKey, "request": .id, "target": .id]
                as Members).adding("quorum", .count, ifIn: fact)
        case "endOwner": ["request": .id, "target": .id]
        case "endOperator": ["operator": .id, "request": .id, "target": .id]
        case "removeProjection": ["projection": .text]
        case "destroyEpoch":
            ["assurance": .text, "destroyed_at": .count, "epoch": .count, "provider": .text]
        default: nil
        }
    }
}

extension [JSONString: ClearMember] {
    fileprivate func adding(_ name: JSONString, _ member: ClearMember) -> Self {
        merging([name: member]) { $1 }
    }

    /// With a member that an event may have.
    fileprivate func adding(
        _ name: JSONString,
        _ member: ClearMember,
        ifIn fact: ClearFact
    ) -> Self {
        fact.content[name] == nil ? self : adding(name, member)
    }
}
