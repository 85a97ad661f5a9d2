// Makes a certificate from the register and the log: whatever it says stands in an event whose proof it
// carries.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
package import TallyStore
internal import TallyVault

/// Builds certificates of erasures.
package struct CertificateBuilder: Sendable {
    /// What outlives the erasure of a subject, because it is sealed under the tenant's key, or not at
    /// all.
    private static let subjectResidue = [
        "stream", "type", "actor", "on_behalf_of", "correlation", "causation", "data", "request id",
        "times", "lengths",
    ]
    /// What outlives the erasure of a tenant.
    private static let tenantResidue = ["tenant name", "region", "times", "lengths"]

    private let ledger: Ledger
    private let register: ErasureRegister

    /// Builds certificates of a ledger.
    package init(_ ledger: Ledger) {
        self.ledger = ledger
        register = ErasureRegister(pool: ledger.operators)
    }

    /// The certificate of an erasure as it is now, signed if a key is given.
    ///
    /// - Throws: `invalid` before the keys are destroyed: there is nothing to certify yet.
    /// - Complexity: O(events of the tenant and of the ledger's own log), for the proofs.
    package func build(
        _ id: DecisionID,
        signedBy key: OperatorKey?
    ) async throws(Problem) -> ErasureCertificate {
        do {
            let erasure = try await register.find(id)
            guard erasure.destroyedAt != nil else {
                throw StoreError(
                    .invalid,
                    "the keys are not destroyed yet, so there is nothing to certify",
                    hint: "tally erasure run \(id.hex)"
                )
            }
            var certificate = ErasureCertificate(body: try await body(erasure))
            if let key {
                certificate.add(try key.sign(certificate.message), of: key.id)
            }
            guard certificate.encoded().count <= ErasureCertificate.byteLimit else {
                throw StoreError(
                    .tooLarge,
                    "the certificate of \(erasure.purgedParts) parts would not fit into 16 MiB",
                    hint: "tally verify shows the same in the log; tally event list lists it"
                )
            }
            return certificate
        } catch {
            throw Problem(error)
        }
    }

    private func body(_ erasure: ErasureRow) async throws(StoreError) -> JSONObject {
        let reader = ExcerptReader(pool: ledger.readers)
        let tenantLog = try await reader.read(erasure.tenant) { $0.concerns(erasure) }
        let ownLog = try await reader.read(ledger.ownTenant) { $0.isRegister(erasure) }
        let parts = PurgedParts(tenantLog.facts, erasure)
        let request = try await SignedRequest.read(erasure.id, ledger.operators)
        var body: JSONObject = [
            "version": 1, "ledger": .hex(ledger.row.id.bytes),
            "origin": .string(JSONString(ledger.row.origin)),
            "tenant": .hex(erasure.tenant.bytes),
            "ledger_tenant": .hex(ledger.ownTenant.bytes),
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
        body["keys"] = .array(try await register.fencedKeys(erasure.id).map { .hex($0.bytes) })
        body["fence_position"] = .number(JSONNumber(erasure.fencePosition ?? 0))
        body["times"] = .object(times(tenantLog.facts))
        body["events"] = .number(JSONNumber(parts.eventCount))
        body["parts"] = .number(JSONNumber(parts.list.count))
        body["parts_root"] = .hex(try await reader.root(of: parts, erasure.tenant).bytes)
        body["destroyed_epoch"] = .number(JSONNumber(erasure.destroyedEpoch ?? 0))
        body["epochs"] = .array(ownLog.facts.compactMap { $0.receipt(erasure) })
        body["backups_until"] = erasure.backupsUntil.map { .number(JSONNumber($0)) } ?? .null
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

extension ClearFact {
    /// Whether it is an event of an erasure.
    fileprivate func concerns(_ erasure: ErasureRow) -> Bool {
        switch kind {
        case .erasureStep, .keysDestroyed, .tenantErased:
            content["erasure"]?.stringValue == erasure.id.hex
        case .partsPurged:
            content["destroyed"]?.arrayValue?.contains {
                $0.uint64Value.map { erasure.destroyedPositions.contains(Int(clamping: $0)) }
                    ?? false
            } ?? false
        default: false
        }
    }

    /// Whether it says who decides in this ledger, or that an epoch ended which the erasure needs.
    fileprivate func isRegister(_ erasure: ErasureRow) -> Bool {
        switch content["action"]?.stringValue {
        case "request", "approve", "addOperator", "endOperator": true
        case "destroyEpoch": receipt(erasure) != nil
        default: kind == .originOpened
        }
    }

    /// The receipt of an epoch that could open a copy of the erased keys.
    fileprivate func receipt(_ erasure: ErasureRow) -> JSONValue? {
        guard content["action"]?.stringValue == "destroyEpoch",
            let epoch = content["epoch"]?.uint64Value, epoch <= erasure.destroyedEpoch ?? 0
        else { return nil }
        var receipt = content
        receipt["action"] = nil
        return .object(receipt)
    }
}
