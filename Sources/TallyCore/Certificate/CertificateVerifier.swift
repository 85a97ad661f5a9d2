// Checks a certificate without the ledger: everything it says must follow from events that are
// proved to be in the log, and from signatures of operators whom the log names.

internal import TallyCrypto

/// What one check of a certificate gave.
package struct CertificateCheck: Sendable, Equatable {
    package let name: String
    /// What does not hold; empty when the check passed.
    package let faults: [String]

    /// Whether it passed.
    package var passed: Bool { faults.isEmpty }
}

/// Verifies certificates.
package struct CertificateVerifier {
    private let certificate: ErasureCertificate
    private let body: JSONObject
    private let tenantFacts: [ClearFact]
    private let ledgerFacts: [ClearFact]
    private let excerptFaults: [String]
    /// Whom the ledger's own log names on good grounds: an addition that nobody approved counts for
    /// nothing.
    private let operators: KnownOperators
    /// What the erasure's own events say was decided and done.
    private let fold: DecisionFold
    private let foldFaults: [String]

    /// Takes a certificate.
    package init(_ certificate: ErasureCertificate) {
        self.certificate = certificate
        body = certificate.body
        var faults: [String] = []
        func facts(_ name: JSONString, _ tenant: JSONString) -> [ClearFact] {
            guard let excerpt = LogExcerpt(certificate.body[name]),
                certificate.body[tenant]?.bytes == excerpt.tenant.bytes,
                let facts = excerpt.facts()
            else {
                faults.append("\(name): an event is not in the log as it stands here")
                return []
            }
            return facts
        }
        tenantFacts = facts("tenant_log", "tenant")
        ledgerFacts = facts("ledger_log", "ledger_tenant")
        excerptFaults = faults
        operators = Self.operators(body, ledgerFacts)
        (fold, foldFaults) = Self.fold(body, tenantFacts, operators)
    }

    /// Follows the erasure's events; holds that it waited for are not among them.
    private static func fold(
        _ body: JSONObject,
        _ facts: [ClearFact],
        _ operators: KnownOperators
    ) -> (DecisionFold, [String]) {
        var fold = DecisionFold(
            ledger: body["ledger"]?.bytes.flatMap { LedgerID($0) } ?? .zero,
            tenant: body["tenant"]?.bytes.flatMap { TenantID($0) } ?? .zero,
            operators: operators
        )
        let ordered = facts.sorted { $0.position < $1.position }
        var faults = zip(ordered, ordered.dropFirst()).filter { $0.position == $1.position }
            .map { "event \($0.0.position) is there twice" }
        for fact in ordered where fact.text("state") != "onHold" {
            guard let fault = fold.add(fact) else { continue }
            faults.append("event \(fact.position) does not stand: \(fault)")
        }
        return (fold, faults)
    }

    private static func operators(_ body: JSONObject, _ facts: [ClearFact]) -> KnownOperators {
        var fold = DecisionFold(
            ledger: body["ledger"]?.bytes.flatMap { LedgerID($0) } ?? .zero,
            ownTenant: body["ledger_tenant"]?.bytes.flatMap { TenantID($0) } ?? .zero
        )
        for fact in facts.sorted(by: { $0.position < $1.position }) { _ = fold.add(fact) }
        return fold.operators
    }

    /// Runs every check.
    package func checks() -> [CertificateCheck] {
        [
            CertificateCheck(name: "form", faults: formFaults()),
            CertificateCheck(name: "events", faults: excerptFaults),
            CertificateCheck(name: "state", faults: stateFaults()),
            CertificateCheck(name: "keys", faults: keyFaults()),
            CertificateCheck(name: "parts", faults: partFaults()),
            CertificateCheck(name: "epochs", faults: epochFaults()),
            CertificateCheck(name: "approvals", faults: approvalFaults()),
            CertificateCheck(name: "signatures", faults: signatureFaults()),
        ]
    }

    // MARK: - Form

    private static let members: Set<JSONString> = [
        "approvals", "backups_until", "classes", "clones", "destroyed_epoch", "epochs", "erasure",
        "events", "fence_position", "ground", "interim", "keys", "ledger", "ledger_log",
        "ledger_tenant", "origin", "parts", "parts_root", "places", "plan", "residue", "scope",
        "single_operator", "state", "tenant", "tenant_log", "times", "version",
    ]

    private func formFaults() -> [String] {
        let names = Set(body.members.map(\.key))
        var faults: [String] = []
        let version = body["version"]?.uint64Value
        if ![1, 2].contains(version) { faults.append("it is of another version") }
        let members = version == 2 ? Self.members.union(["authority"]) : Self.members
        let missing = members.subtracting(names).count
        if missing > 0 { faults.append("it lacks \(missing) members") }
        let unknown = names.subtracting(members).count
        if unknown > 0 { faults.append("it has \(unknown) members more than it may") }
        let origin = ledgerFacts.last { $0.kind == .originOpened }?.content["origin"]
        if origin == nil || origin != body["origin"] { faults.append("the origin is another one") }
        return faults
    }

    // MARK: - What the events say

    private var erasure: String? { body["erasure"]?.stringValue }

    /// The erasure's own events of a kind.
    private func own(_ kind: EventKind) -> [ClearFact] {
        tenantFacts.filter {
            $0.kind == kind && $0.content["erasure"]?.stringValue == erasure && erasure != nil
        }
    }

    private func step(_ state: String) -> ClearFact? {
        own(.erasureStep).first { $0.content["state"]?.stringValue == state }
    }

    private func stateFaults() -> [String] {
        let steps = own(.erasureStep).sorted { $0.position < $1.position }
        let state = body["state"]?.stringValue
        var faults = foldFaults
        if steps.isEmpty || steps.last?.content["state"]?.stringValue != state {
            faults.append("the log's last state is another one")
        }
        if body["interim"]?.boolValue != (state != "final") {
            faults.append("it says interim where it is not, or final where it is")
        }
        if step("fenced")?.position != body["fence_position"]?.uint64Value {
            faults.append("the fence is at another position")
        }
        if step("purged")?.content["backups_until"] ?? .null != body["backups_until"] {
            faults.append("backups expire at another time")
        }
        if step("purged")?.content["places"] ?? .null != body["places"] {
            faults.append("other rows were purged beside the log")
        }
        let times = body["times"]?.objectValue
        for fact in steps {
            guard let name = fact.content["state"]?.stringValue else { continue }
            if times?[JSONString(name)]?.uint64Value != fact.recordedAt {
                faults.append("\(name) was recorded at another time")
            }
        }
        if times?.count != Set(steps.compactMap { $0.content["state"]?.stringValue }).count {
            faults.append("it names times of states that the log does not have")
        }
        return faults
    }

    private func keyFaults() -> [String] {
        let recorded = own(.keysDestroyed).flatMap { $0.content["keys"]?.arrayValue ?? [] }
            .compactMap(\.stringValue)
        let named = body["keys"]?.arrayValue ?? []
        guard Set(recorded) == Set(named.compactMap(\.stringValue)), recorded.count == named.count
        else {
            return ["the keys are not those that the log says were destroyed"]
        }
        return []
    }

    private func partFaults() -> [String] {
        let destroyed = Set(own(.keysDestroyed).map(\.position))
        var parts: [[UInt64]] = []
        var events: Set<UInt64> = []
        for fact in tenantFacts where fact.kind == .partsPurged {
            let named = (fact.content["destroyed"]?.arrayValue ?? []).compactMap(\.uint64Value)
            guard !named.isEmpty, Set(named).isSubset(of: destroyed) else { continue }
            let list = fact.content["parts"]?.arrayValue ?? []
            parts += list.map { ($0.arrayValue ?? []).compactMap(\.uint64Value) }
            events.formUnion(list.compactMap { $0.arrayValue?.first?.uint64Value })
        }
        guard Set(parts).count == parts.count else { return ["a part is purged twice"] }
        guard body["parts"]?.uint64Value == UInt64(parts.count),
            body["events"]?.uint64Value == UInt64(events.count)
        else {
            return [
                "the log says that \(parts.count) parts of \(events.count) events were purged"
            ]
        }
        return []
    }

    private func epochFaults() -> [String] {
        let named = body["epochs"]?.arrayValue ?? []
        let receipts = ledgerFacts.map(\.content).filter {
            $0["action"]?.stringValue == "destroyEpoch"
        }
        var faults: [String] = []
        for epoch in named {
            var receipt = epoch.objectValue ?? [:]
            receipt["action"] = "destroyEpoch"
            guard !receipts.contains(receipt) else { continue }
            let number = receipt["epoch"]?.uint64Value ?? 0
            faults.append("epoch \(number) has no such receipt in the ledger's own log")
        }
        let numbers = Set(named.compactMap { $0.objectValue?["epoch"]?.uint64Value })
        let last = body["destroyed_epoch"]?.uint64Value ?? 0
        if step("keysDestroyed")?.content["epoch"]?.uint64Value != last {
            faults.append("the keys were destroyed in another epoch")
        }
        if step("epochRetired") != nil,
            !(last > 0 && (1...last).allSatisfy { numbers.contains($0) })
        {
            faults.append("it says that the epochs are retired, and lacks the receipt of one")
        }
        return faults
    }

    // MARK: - Who decided

    private func approvalFaults() -> [String] {
        let approvals = (body["approvals"]?.arrayValue ?? []).compactMap {
            $0.bytes.flatMap { try? Approval(decoding: $0) }
        }
        var faults = planFaults()
        if approvals.count != body["approvals"]?.arrayValue?.count {
            faults.append("an approval is not in the format")
        }
        let request = erasure.flatMap { DecisionID($0) }.flatMap { fold.requests[$0] }
        if !approvals.allSatisfy({ request?.approvals.contains($0) ?? false }) {
            faults.append("no event of the log carries an approval")
        }
        for approval in approvals { faults += self.faults(of: approval) }
        if body["single_operator"]?.boolValue != operators.decideAlone {
            faults.append("it hides how many operators decide in this ledger")
        }
        let authority = request?.authority ?? .operators
        if body["authority"] ?? "operators" != .string(JSONString(authority.rawValue)) {
            faults.append("it was decided on another authority")
        }
        return faults + quorumFaults(approvals, authority)
    }

    private func quorumFaults(
        _ approvals: [Approval],
        _ authority: FoldedRequest.Authority
    ) -> [String] {
        guard authority == .owner || !operators.decideAlone else { return [] }
        var faults: [String] = []
        let isAsked = approvals.contains { $0.approver == $0.requester }
        let people = Set(approvals.compactMap { operators.person(of: $0.approver) })
        let signers = Set(approvals.map(\.approver))
        if !isAsked || authority == .operators && people.count < 2 {
            faults.append("not two operators stand behind it")
        }
        if authority == .owner, signers.count < fold.owners.quorum {
            faults.append("too few owners stand behind it")
        }
        let counts = approvals.filter { authority == .owner || $0.approver != $0.requester }
        if let fence = step("fenced"), !counts.contains(where: { $0.counts(at: fence.recordedAt) })
        {
            faults.append("no approval counted when the keys were fenced")
        }
        return faults
    }

    private func faults(of approval: Approval) -> [String] {
        var faults: [String] = []
        let (owner, signer) = (
            fold.owners.terms[approval.approver], operators.key(of: approval.approver)
        )
        if ![owner?.key, signer].contains(where: { $0.map(approval.isSigned) ?? false }) {
            faults.append("a signature is not that of an operator whom the log names")
        } else if !operators.includes(approval.approver, at: approval.approvedAt),
            !fold.owners.include(approval.approver, approval.action, at: approval.approvedAt)
        {
            faults.append("a signer was no operator at that time")
        }
        let plan = body["plan"]?.bytes.map { SHA256.hash($0) }
        if approval.request.hex != erasure || approval.plan != plan
            || approval.tenant.bytes != body["tenant"]?.bytes
            || approval.ledger.bytes != body["ledger"]?.bytes
            || ![.subjectErasure, .tenantErasure].contains(approval.action)
        {
            faults.append("an approval is for another request, plan, tenant or ledger")
        }
        return faults
    }

    /// What was requested, and signed, is what the certificate says was done.
    private func planFaults() -> [String] {
        guard let bytes = body["plan"]?.bytes, let plan = JSONObject(canonical: bytes),
            plan["classes"] == body["classes"], plan["ground"] == body["ground"],
            plan["request"] == body["erasure"], plan["tenant"] == body["tenant"],
            body["scope"]?.stringValue == (plan["action"] == 4 ? "tenant" : "subject")
        else { return ["the plan says something else than the certificate"] }
        let requested = step("requested")?.content["plan"]?.stringValue
        return requested == SHA256.hash(bytes).hex
            ? [] : ["the log's request is for another plan"]
    }

    private func signatureFaults() -> [String] {
        guard !certificate.signatures.isEmpty else { return ["nobody has signed it"] }
        let message = certificate.message
        let isSound = certificate.signatures.allSatisfy { signature in
            guard let key = operators.key(of: signature.signer), key.algorithm == .ed25519 else {
                return false
            }
            return key.verifies(signature.bytes, of: message)
        }
        return isSound ? [] : ["a signature is not that of an operator whom the log names"]
    }
}

extension Approval {
    /// Whether it is neither of the future nor expired.
    fileprivate func counts(at time: UInt64) -> Bool {
        approvedAt <= time && time < expiresAt
    }
}
