// The ledger's own events, read: what they say of the tenant's state and of its row.

internal import TallyCrypto

/// Folds clear events into the tenant's state and compares what they repeat.
struct ControlFold {
    private(set) var state = TenantState.active
    /// What the newest originOpened says, and where it stands.
    private var origin: (text: String?, position: Int)?

    mutating func add(
        _ kind: EventKind,
        _ record: EventRecord,
        _ facts: TenantFacts,
        _ purges: inout PurgeLedger
    ) -> [Finding] {
        if record.isInPlace, (kind == .genesis) != (record.position == 0) {
            return [Finding(.alteredLeaf, at: record.position, "a genesis event out of place")]
        }
        switch kind {
        case .frozen: state = .frozen
        case .thawed: state = .active
        case .tenantErased: state = .erased
        case .keysDestroyed: purges.destroy(at: record.place)
        default: break
        }
        guard !kind.isSealed, let clear = record.clear else { return [] }
        // What is not JSON is named where decisions are followed.
        guard let object = try? JSONReader.parse(clear).objectValue else { return [] }
        switch kind {
        case .partsPurged: purges.excuse(object, at: record.place)
        case .genesis: return compareGenesis(object, facts, at: record.position)
        case .originOpened: origin = (object["origin"]?.stringValue, record.position)
        default: break
        }
        return []
    }

    private func compareGenesis(
        _ object: JSONObject,
        _ facts: TenantFacts,
        at position: Int
    ) -> [Finding] {
        var findings: [Finding] = []
        func require(_ column: String, _ holds: Bool) {
            guard !holds else { return }
            findings.append(
                Finding(
                    .alteredTenant,
                    at: position,
                    "\(column) is not what the genesis event says"
                )
            )
        }
        require("slot", object["slot"]?.uint64Value == UInt64(facts.slot))
        require("region", object["region"]?.stringValue == facts.region)
        require(
            "source",
            object["source"]?.objectValue?["tenant"]?.bytes.flatMap { TenantID($0) } == facts.source
        )
        require("name", object["name"]?.stringValue == facts.nameDigest.hex)
        return findings
    }

    /// Compares the ledger's row with the newest event that names its origin.
    func compareOrigin(_ facts: TenantFacts) -> [Finding] {
        guard let origin, origin.text != facts.origin else { return [] }
        return [
            Finding(
                .alteredTenant,
                at: origin.position,
                "the ledger's origin is not what slot 0 says"
            )
        ]
    }

    /// Compares the head's state with what the events make of it; in a log that is not `isWhole`,
    /// a missing or altered event could explain a difference.
    func compareState(_ facts: TenantFacts, isWhole: Bool) -> [Finding] {
        let isKnown = TenantState(rawValue: facts.state) != nil
        guard facts.state != state.rawValue, isWhole || !isKnown else { return [] }
        return [Finding(.alteredHead, "state is not what the log's events make of it")]
    }
}
