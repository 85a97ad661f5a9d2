// The ledger's own events, read: what they say of the tenant's state, its row and purges.

internal import TallyCrypto

/// Folds clear events into the tenant's state and compares what they repeat.
struct ControlFold {
    private(set) var state = TenantState.active

    mutating func add(
        _ kind: EventKind, _ record: EventRecord, _ facts: TenantFacts,
        _ purges: inout PurgeLedger
    ) -> [Finding] {
        if (kind == .genesis) != (record.position == 0) {
            return [Finding(.alteredLeaf, at: record.position, "a genesis event out of place")]
        }
        guard !kind.isSealed, let clear = record.clear else { return [] }
        guard let object = try? JSONReader.parse(clear).objectValue else {
            return [Finding(.alteredBody, at: record.position, "clear part is not JSON")]
        }
        switch kind {
        case .frozen: state = .frozen
        case .thawed: state = .active
        case .tenantErased: state = .erased
        case .partsPurged: purges.excuse(object, at: record.position)
        case .genesis: return compareGenesis(object, facts)
        case .originOpened: return compareOrigin(object, facts)
        default: break
        }
        return []
    }

    private func compareGenesis(_ object: JSONObject, _ facts: TenantFacts) -> [Finding] {
        var findings: [Finding] = []
        func require(_ column: String, _ holds: Bool) {
            guard !holds else { return }
            findings.append(
                Finding(.alteredTenant, at: 0, "\(column) is not what the genesis event says"))
        }
        require("slot", object["slot"]?.uint64Value == UInt64(facts.slot))
        require("region", object["region"]?.stringValue == facts.region)
        require("name", object["name"]?.stringValue == facts.nameDigest.hex)
        return findings
    }

    private func compareOrigin(_ object: JSONObject, _ facts: TenantFacts) -> [Finding] {
        guard object["origin"]?.stringValue != facts.origin else { return [] }
        return [
            Finding(.alteredTenant, "the ledger's origin is not what slot 0 says")
        ]
    }
}

/// Parts of length 0, and the partsPurged events that explain them.
struct PurgeLedger {
    private struct Place: Hashable {
        let position: Int
        let part: Int
    }

    private var missing: Set<Place> = []
    private(set) var excusedCount = 0

    mutating func miss(_ position: Int, _ part: Int) {
        missing.insert(Place(position: position, part: part))
    }

    /// Strikes out the parts that an event at `position` lists; only earlier ones count.
    mutating func excuse(_ object: JSONObject, at position: Int) {
        for pair in object["parts"]?.arrayValue ?? [] {
            guard let numbers = pair.arrayValue, numbers.count == 2,
                let event = numbers[0].uint64Value, let part = numbers[1].uint64Value,
                event < UInt64(position), part < 32
            else { continue }
            let place = Place(position: Int(event), part: Int(part))
            if missing.remove(place) != nil { excusedCount += 1 }
        }
    }

    /// What no later partsPurged lists.
    func unexcused() -> [Finding] {
        missing.sorted { ($0.position, $0.part) < ($1.position, $1.part) }.map {
            Finding(
                .missingBody, at: $0.position,
                "part \($0.part) is empty and no later partsPurged lists it")
        }
    }
}
