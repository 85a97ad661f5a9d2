// Holds the registers of one tenant against the fold of its log, both ways: what is missing, what
// was invented, and what was altered. Nothing here believes a row.

internal import TallyCrypto

/// Compares registers with a log.
package struct RegisterCheck {
    /// How far the time in a row may be from that of its event: the database writes both in one
    /// transaction, each by a clock that another writer may have pushed.
    private static let tolerance: UInt64 = 60 * 1_000_000

    let fold: DecisionFold
    let rows: RegisterRows
    /// The plans of requests that are those that were signed.
    private(set) var plans: [DecisionID: JSONObject] = [:]
    private(set) var findings: [Finding] = []
    /// How many rows were compared, or are missing.
    private(set) var total = 0
    /// How many of them are as the log has it.
    private(set) var sound = 0

    private init(_ fold: DecisionFold, _ rows: RegisterRows) {
        (self.fold, self.rows) = (fold, rows)
    }

    /// What the comparison gave.
    package struct Result: Sendable {
        /// Each row that differs; `altered register`.
        package let findings: [Finding]
        package let total: Int
        package let sound: Int
    }

    /// Compares every row.
    ///
    /// - Complexity: O(rows).
    package static func run(_ rows: RegisterRows, against fold: DecisionFold) -> Result {
        var check = RegisterCheck(fold, rows)
        check.compareRequests()
        check.compareApprovals()
        check.compareErasures()
        check.compareFences()
        check.compareHolds()
        check.compareRestores()
        check.compareRestriction()
        if fold.isOwnLog {
            check.compareOperators()
            check.compareEpochs()
        } else {
            check.compareOwners()
        }
        return Result(
            findings: check.findings.sorted { $0.evidence < $1.evidence },
            total: check.total,
            sound: check.sound
        )
    }

    /// Notes what of a row is not as the log has it; nothing when all of it is.
    mutating func note(
        _ row: @autoclosure () -> String,
        at position: UInt64?,
        _ differs: [(column: String, isAltered: Bool)]
    ) {
        total += 1
        let altered = differs.filter(\.isAltered).map(\.column)
        guard !altered.isEmpty else { return sound += 1 }
        let evidence = "\(row()): \(altered.joined(separator: ", ")) differ from the log"
        findings.append(
            Finding(.alteredRegister, at: position.map { Int(clamping: $0) }, evidence)
        )
    }

    /// Notes rows that are there twice or without an event, and events without a row.
    ///
    /// Rows about what an undecided change began are left out: that change is named by itself.
    /// - Returns: the rows that stand for an event, by its id.
    mutating func pair<Row, ID: Hashable>(
        _ table: String,
        _ rows: [Row],
        _ id: (Row) -> ID,
        with events: Set<ID>,
        about decision: (ID) -> DecisionID?,
        text: (ID) -> String
    ) -> [ID: Row] {
        var found: [ID: Row] = [:]
        for row in rows {
            let isUnfounded = decision(id(row)).map { fold.unfounded.contains($0) } ?? false
            guard events.contains(id(row)) || !isUnfounded else { continue }
            guard events.contains(id(row)), found[id(row)] == nil else {
                total += 1
                findings.append(
                    Finding(.alteredRegister, "\(table) \(text(id(row))): no event stands for it")
                )
                continue
            }
            found[id(row)] = row
        }
        for missing in events.subtracting(found.keys) {
            total += 1
            findings.append(
                Finding(.alteredRegister, "\(table) \(text(missing)): the log has it, no row does")
            )
        }
        return found
    }

    /// Whether two times are not those of one event.
    static func isFar(_ time: UInt64?, from event: UInt64?) -> Bool {
        guard let time, let event else { return (time == nil) != (event == nil) }
        return max(time, event) - min(time, event) > tolerance
    }

    // MARK: - The ledger's own

    private mutating func compareOperators() {
        let known = fold.operators
        let rows = pair(
            "operator",
            rows.operators,
            \.id,
            with: known.all,
            about: { DecisionID($0.bytes) },
            text: \.hex
        )
        for (id, row) in rows {
            let term = known.term(of: id)
            note(
                "operator \(id.hex)",
                at: nil,
                [
                    ("public_key", term?.key.bytes != row.publicKey),
                    ("person", term?.person != row.person),
                    ("added_at", Self.isFar(row.addedAt, from: term?.addedAt)),
                    ("ended_at", Self.isFar(row.endedAt, from: term?.endedAt)),
                ]
            )
        }
    }

    private mutating func compareEpochs() {
        let numbers = rows.epochs.map(\.key)
        let known = pair(
            "epoch_receipt",
            numbers,
            \.self,
            with: Set(fold.epochs.keys),
            about: { _ in nil }
        ) { "\($0)" }
        for number in known.keys {
            let position = fold.epochs[number]
            note(
                "epoch_receipt \(number)",
                at: position,
                [("position", rows.epochs[number] != position)]
            )
        }
    }

    private mutating func compareRestriction() {
        guard let level = fold.restriction else { return }
        note("restriction", at: nil, [("level", rows.restriction != level)])
    }

    // MARK: - Requests

    private mutating func compareRequests() {
        let known = pair(
            "request",
            rows.requests,
            \.id,
            with: Set(fold.requests.keys),
            about: { $0 },
            text: \.hex
        )
        for (id, row) in known {
            guard let request = fold.requests[id] else { continue }
            let plan = SHA256.hash(row.plan) == request.plan ? JSONObject(canonical: row.plan) : nil
            plans[id] = plan
            let action =
                request.action?.rawValue ?? plan?["action"]?.uint64Value.map { UInt8(clamping: $0) }
            let seen = request.approvals.first?.head.bytes ?? row.head
            note(
                "request \(id.hex)",
                at: request.position,
                [
                    ("plan", plan == nil), ("action", row.action != action),
                    ("requester", row.requester != request.requester),
                    ("authority", row.authority != request.authority.rawValue),
                    ("head_leaf_hash", row.head != seen),
                    ("requested_at", Self.isFar(row.requestedAt, from: request.requestedAt)),
                    ("state", row.state != state(of: id, request, action)),
                ]
            )
        }
    }

    /// The state that a request's row must have: erasures are done when they are final.
    private func state(of id: DecisionID, _ request: FoldedRequest, _ action: UInt8?) -> String {
        if let erasure = fold.erasures[id] {
            return switch erasure.state {
            case .requested: "waiting"
            case .refused: "refused"
            case .final: "applied"
            default: "approved"
            }
        }
        let waits = action.map { [1, 2, 11].contains($0) } ?? false
        let isAlone =
            fold.operators.decideAlone && request.authority == .operators && waits
            && request.state == .waiting
        return isAlone ? "approved" : request.state.rawValue
    }

    private mutating func compareApprovals() {
        var newest: [ApprovalPlace: Approval] = [:]
        for (id, request) in fold.requests {
            for approval in request.approvals {
                newest[ApprovalPlace(request: id, signer: approval.approver)] = approval
            }
        }
        let known = pair(
            "approval",
            rows.approvals,
            { ApprovalPlace(request: $0.request, signer: $0.signer) },
            with: Set(newest.keys),
            about: \.request,
            text: { "\($0.request.hex) by \($0.signer.hex)" }
        )
        for (place, row) in known {
            let approval = newest[place]
            note(
                "approval \(place.request.hex) by \(place.signer.hex)",
                at: fold.requests[place.request]?.position,
                [
                    ("signed", row.signed != approval?.encoded()),
                    ("approved_at", row.approvedAt != approval?.approvedAt),
                    ("expires_at", row.expiresAt != approval?.expiresAt),
                ]
            )
        }
    }
}

/// Under which request whose approval stands.
private struct ApprovalPlace: Hashable {
    let request: DecisionID
    let signer: OperatorID
}
