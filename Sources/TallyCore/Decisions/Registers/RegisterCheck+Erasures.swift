// The registers of erasures, fences and holds: whose keys, and how far it has come.

internal import TallyCrypto

extension RegisterCheck {
    mutating func compareErasures() {
        let known = pair(
            "erasure",
            rows.erasures,
            \.id,
            with: Set(fold.erasures.keys),
            about: { $0 },
            text: \.hex
        )
        for (id, row) in known {
            guard let erasure = fold.erasures[id] else { continue }
            note(
                "erasure \(id.hex)",
                at: fold.requests[id]?.position,
                planned(row) + done(row, erasure) + timed(row, erasure)
            )
        }
    }

    /// What its plan says; a plan that was altered is named with its request.
    private func planned(_ row: RegisterRows.Erasure) -> [(column: String, isAltered: Bool)] {
        guard let plan = plans[row.id] else { return [] }
        let classes = plan["classes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return [
            ("subject_tag", plan["subject_tag"]?.bytes != row.subjectTag),
            ("classes", classes.map { ByteText($0) } != row.classes.map { ByteText($0) }),
            ("ground", plan["ground"]?.stringValue != row.ground),
            ("follows", plan["follows"]?.bytes.flatMap { DecisionID($0) } != row.follows),
            ("not_before", fold.requests[row.id]?.notBefore != row.notBefore),
        ]
    }

    private func done(
        _ row: RegisterRows.Erasure,
        _ erasure: FoldedErasure
    ) -> [(column: String, isAltered: Bool)] {
        let listed = rows.listed[row.id] ?? []
        let isEarly = row.purgedAt != nil && !listed.isSubset(of: erasure.purgedPositions)
        let isDestroyed = erasure.isPurged || erasure.state == .keysDestroyed
        return [
            ("state", row.state != erasure.state.rawValue),
            ("fence_position", row.fencePosition != erasure.fencePosition),
            ("destroyed_epoch", row.destroyedEpoch != erasure.destroyedEpoch),
            ("destroyed_positions", row.destroyedPositions != erasure.destroyedPositions),
            ("purged_parts", row.purgedParts != erasure.purgedParts),
            ("purged_at", row.purgedAt == nil ? erasure.isPurged : !isDestroyed || isEarly),
            ("backups_until", row.backupsUntil != erasure.backupsUntil),
        ]
    }

    private func timed(
        _ row: RegisterRows.Erasure,
        _ erasure: FoldedErasure
    ) -> [(column: String, isAltered: Bool)] {
        row.times.map { state, time in
            ("time of \(state.rawValue)", Self.isFar(time, from: erasure.times[state]))
        }.sorted { $0.0 < $1.0 }
    }

    // MARK: - Fences

    mutating func compareFences() {
        var wanted: Set<FencePlace> = []
        for (id, erasure) in fold.erasures {
            guard let position = erasure.fencePosition, let plan = plans[id] else { continue }
            for name in plan["classes"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
                let tag = plan["subject_tag"]?.bytes ?? []
                wanted.insert(FencePlace(id, tag, ByteText(name), position))
            }
        }
        let known = pair(
            "key_fence",
            rows.fences,
            { FencePlace($0.erasure, $0.subjectTag, ByteText($0.retentionClass), $0.position) },
            with: wanted,
            about: \.erasure,
            text: { "of erasure \($0.erasure.hex)" }
        )
        let readmissions = lastReadmissions
        for (place, row) in known {
            let isReadmitted = readmissions[place.tag].map { $0 > place.position } ?? false
            note(
                "key_fence of erasure \(place.erasure.hex)",
                at: place.position,
                [("readmitted_at", isReadmitted != (row.readmittedAt != nil))]
            )
        }
        compareKeys()
    }

    /// The newest position at which the subject of each tag was let in again.
    private var lastReadmissions: [[UInt8]: UInt64] {
        var positions: [[UInt8]: UInt64] = [:]
        for (id, erasure) in fold.erasures {
            guard let position = erasure.readmittedAtPosition,
                let tag = plans[id]?["subject_tag"]?.bytes
            else { continue }
            positions[tag] = max(positions[tag] ?? 0, position)
        }
        return positions
    }

    private mutating func compareKeys() {
        let ids = Set(rows.fencedKeys.keys).union(
            fold.erasures.filter { $0.value.fencedKeys > 0 }.keys
        )
        for id in ids where fold.erasures[id] != nil || !fold.unfounded.contains(id) {
            let keys = rows.fencedKeys[id] ?? []
            let erasure = fold.erasures[id]
            let isDestroyed = erasure?.destroyedKeys.isEmpty == false
            note(
                "fenced_key of erasure \(id.hex)",
                at: erasure?.fencePosition,
                [
                    ("their number", UInt64(keys.count) != erasure?.fencedKeys ?? 0),
                    ("key_id", isDestroyed && keys != erasure?.destroyedKeys),
                ]
            )
        }
    }

    // MARK: - Holds

    mutating func compareHolds() {
        let known = pair(
            "hold",
            rows.holds,
            \.id,
            with: Set(fold.holds.keys),
            about: { $0 },
            text: \.hex
        )
        for (id, row) in known {
            guard let hold = fold.holds[id] else { continue }
            let tag = plans[id].map { $0["subject_tag"]?.bytes ?? [] }
            note(
                "hold \(id.hex)",
                at: fold.requests[id]?.position,
                [
                    ("subject_tag", tag.map { $0 != row.subjectTag } ?? false),
                    ("review_at", row.reviewAt != hold.reviewAt),
                    ("placed_at", Self.isFar(row.placedAt, from: hold.placedAt)),
                    ("released_at", Self.isFar(row.releasedAt, from: hold.releasedAt)),
                ]
            )
        }
    }
}

/// Which class of whose keys an erasure has fenced.
private struct FencePlace: Hashable {
    let erasure: DecisionID
    let tag: [UInt8]
    let retentionClass: ByteText
    let position: UInt64

    init(_ erasure: DecisionID, _ tag: [UInt8], _ retentionClass: ByteText, _ position: UInt64) {
        (self.erasure, self.tag, self.retentionClass) = (erasure, tag, retentionClass)
        self.position = position
    }
}
