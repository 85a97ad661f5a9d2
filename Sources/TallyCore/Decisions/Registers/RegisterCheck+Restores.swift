// The register of restores: what was planned, and how far it has come.

internal import TallyCrypto

extension RegisterCheck {
    mutating func compareRestores() {
        let asked = fold.requests.filter { id, request in
            let action =
                request.action?.rawValue ?? UInt8(clamping: plans[id]?["action"]?.uint64Value ?? 0)
            return [1, 2].contains(action)
        }
        let known = pair(
            "restore",
            rows.restores,
            \.id,
            with: Set(asked.keys),
            about: { $0 },
            text: \.hex
        )
        for (id, row) in known {
            guard let request = fold.requests[id] else { continue }
            note(
                "restore \(id.hex)",
                at: request.position,
                planned(row) + done(row, request)
            )
        }
    }

    private func planned(_ row: RegisterRows.Restore) -> [(column: String, isAltered: Bool)] {
        guard let plan = plans[row.id] else { return [] }
        let undone = plan["scope"]?.objectValue?["restore"]?.bytes.flatMap { DecisionID($0) }
        let clone = plan["clone"]?.objectValue?["tenant"]?.bytes.flatMap { TenantID($0) }
        return [
            ("undoes", row.undoes != undone), ("clone", row.clone != clone),
            ("cut", row.cut != plan["cut"]?.uint64Value),
        ]
    }

    private func done(
        _ row: RegisterRows.Restore,
        _ request: FoldedRequest
    ) -> [(column: String, isAltered: Bool)] {
        let restore = fold.restores[row.id]
        let end = restore?.end
        return [
            ("state", !states(request, restore).contains(row.state)),
            ("began_position", row.beganPosition != restore?.beganPosition),
            ("ended_position", row.endedPosition != end?.position),
            ("applied", row.applied != end?.applied ?? 0),
            ("conflicts", (rows.conflicts[row.id] ?? 0) != end?.conflicts ?? 0),
        ]
    }

    /// The states that a row may have; that a restore is being stopped no event says.
    private func states(_ request: FoldedRequest, _ restore: FoldedRestore?) -> [String] {
        if let end = restore?.end { return [end.state] }
        if restore != nil { return ["applying", "aborting"] }
        return switch request.state {
        case .waiting: fold.operators.decideAlone ? ["approved", "requested"] : ["requested"]
        case .approved, .applied: ["approved"]
        case .refused: ["refused"]
        }
    }
}
