// Makes a certificate from the register and the log: whatever it says stands in an event whose
// proof it carries.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Builds certificates of erasures.
package struct CertificateBuilder: Sendable {
    /// What outlives the erasure of a subject, because it is sealed under the tenant's key, or not
    /// at all.
    static let subjectResidue = [
        "stream", "type", "actor", "on_behalf_of", "correlation", "causation", "data", "request id",
        "times", "lengths",
    ]
    /// What outlives the erasure of a tenant.
    private static let tenantResidue = ["tenant name", "region", "times", "lengths"]

    private let context: DecisionContext
    private let register: ErasureRegister

    /// Builds certificates of a ledger.
    package init(_ context: DecisionContext) {
        self.context = context
        register = ErasureRegister(pool: context.pools.operators)
    }

    /// The certificate of an erasure as it is now, signed if a key is given.
    ///
    /// - Throws: `invalid` before the keys are destroyed: there is nothing to certify yet.
    /// - Complexity: O(events of the tenant and of the ledger's own log), for the proofs.
    package func build(
        _ id: DecisionID,
        signedBy key: OperatorKey?
    ) async throws(Problem) -> ErasureCertificate {
        let erasure = try await register.find(id)
        let log = try await context.logs.read(erasure.tenant, context, context.pools.operators)
        guard erasure.destroyedAt != nil else {
            throw Problem(
                .invalid,
                "the keys are not destroyed yet, so there is nothing to certify",
                hint: "\(.runErasure(id))"
            )
        }
        var certificate = ErasureCertificate(body: try await body(erasure, log.fold))
        if let key {
            certificate.add(try key.sign(certificate.message), of: key.id)
        }
        guard certificate.encoded().count <= ErasureCertificate.byteLimit else {
            throw Problem(
                .tooLarge,
                "the certificate of \(erasure.purgedParts) parts would not fit into 16 MiB",
                hint: "\(.verify) shows the same in the log; \(.listEvents(query: nil)) lists it"
            )
        }
        return certificate
    }

    private func body(
        _ erasure: Erasure,
        _ fold: DecisionFold
    ) async throws(Problem) -> JSONObject {
        let reader = ExcerptReader(pool: context.pools.readers)
        let changes = fold.ownerChanges
        let tenantLog = try await reader.read(erasure.tenant) {
            $0.concerns(erasure) || $0.namesOwners(changes)
        }
        let ownLog = try await reader.read(context.ownTenant) { $0.isRegister(erasure) }
        let parts = PurgedParts(tenantLog.facts, erasure)
        let request = try await SignedRequest.read(erasure.id, context.pools.operators)
        var body: JSONObject = [
            "version": 2, "ledger": .hex(context.row.id.bytes),
            "origin": .string(JSONString(context.row.origin)),
            "tenant": .hex(erasure.tenant.bytes),
            "ledger_tenant": .hex(context.ownTenant.bytes),
            "erasure": .hex(erasure.id.bytes),
            "scope": erasure.scope.isTenant ? "tenant" : "subject",
            "classes": .array(erasure.scope.classes.map { .string(JSONString($0)) }),
            "ground": .string(JSONString(erasure.ground)),
            "state": .string(JSONString(erasure.state.rawValue)),
            "interim": .bool(erasure.state != .final),
            "single_operator": .bool(request.hasSingleOperator),
            "plan": .hex(request.plan),
            "approvals": .array(request.approvals.map { .hex($0) }),
        ]
        let authority = fold.requests[erasure.id]?.authority ?? .operators
        body["authority"] = .string(JSONString(authority.rawValue))
        body["keys"] = .array(try await register.fencedKeys(erasure.id).map { .hex($0.bytes) })
        body["fence_position"] = .number(JSONNumber(erasure.fencePosition ?? 0))
        body["times"] = .object(times(tenantLog.facts))
        body["events"] = .number(JSONNumber(parts.eventCount))
        body["parts"] = .number(JSONNumber(parts.list.count))
        body["parts_root"] = .hex(try await reader.root(of: parts, erasure.tenant).bytes)
        body["destroyed_epoch"] = .number(JSONNumber(erasure.destroyedEpoch ?? 0))
        body["epochs"] = .array(ownLog.facts.compactMap { $0.receipt(erasure) })
        body["backups_until"] = erasure.backupsUntil.map { .number(JSONNumber($0.micros)) } ?? .null
        body["places"] = tenantLog.facts.compactMap { $0.content["places"] }.last ?? .null
        body["residue"] = .array(
            (erasure.scope.isTenant ? Self.tenantResidue : Self.subjectResidue)
                .map { .string(JSONString($0)) }
        )
        let clones = try await register.following(erasure.id)
            .filter { [.purged, .epochRetired, .final].contains($0.state) }.map(\.tenant).sorted()
        body["clones"] = .array(clones.map { .hex($0.bytes) })
        body["tenant_log"] = tenantLog.excerpt.json
        body["ledger_log"] = ownLog.excerpt.json
        return body
    }

    private func times(_ facts: [ClearFact]) -> JSONObject {
        var times = JSONObject()
        for fact in facts where fact.kind == .erasureStep {
            guard let state = fact.content["state"]?.stringValue else { continue }
            times[JSONString(state)] = .number(JSONNumber(fact.recordedAt))
        }
        return times
    }
}

extension DecisionFold {
    /// The requests for changes of owners; where nobody has to sign, an event does not say what it
    /// asks for.
    fileprivate var ownerChanges: Set<DecisionID> {
        Set(
            requests.filter { id, request in
                request.action == .ownerChange || request.action == nil && erasures[id] == nil
            }.keys
        )
    }
}

extension ClearFact {
    /// Whether it is an event of an erasure.
    fileprivate func concerns(_ erasure: Erasure) -> Bool {
        switch kind {
        case .erasureStep, .keysDestroyed, .tenantErased:
            content["erasure"]?.stringValue == erasure.id.hex
        case .partsPurged:
            content["destroyed"]?.arrayValue?.contains {
                $0.uint64Value.map { erasure.destroyedPositions.contains(Int(clamping: $0)) }
                    ?? false
            } ?? false
        case .operatorAction:
            content["action"] == "approve" && content["target"]?.stringValue == erasure.id.hex
        default: false
        }
    }

    /// Whether it says whose the tenant's data is, or belongs to a request for a change of that.
    fileprivate func namesOwners(_ changes: Set<DecisionID>) -> Bool {
        switch content["action"]?.stringValue {
        case "addOwner", "endOwner": true
        case "request", "approve", "refuse":
            (content["target"]?.bytes).flatMap { DecisionID($0) }.map(changes.contains) ?? false
        default: false
        }
    }

    /// Whether it says who decides in this ledger, or that an epoch ended which the erasure needs.
    fileprivate func isRegister(_ erasure: Erasure) -> Bool {
        switch content["action"]?.stringValue {
        case "request", "approve", "addOperator", "endOperator": true
        case "destroyEpoch": receipt(erasure) != nil
        default: kind == .originOpened
        }
    }

    /// The receipt of an epoch that could open a copy of the erased keys.
    fileprivate func receipt(_ erasure: Erasure) -> JSONValue? {
        guard content["action"]?.stringValue == "destroyEpoch",
            let epoch = content["epoch"]?.uint64Value, epoch <= erasure.destroyedEpoch ?? 0
        else { return nil }
        var receipt = content
        receipt["action"] = nil
        return .object(receipt)
    }
}
