// Restores and their plans as records, and how a command ends that has applied one.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// Shows restores.
enum RestoreView {
    static func record(_ row: Restore, _ tenant: String?) -> Record {
        Record(fields(row, tenant))
    }

    private static func fields(
        _ row: Restore,
        _ tenant: String?
    ) -> [(String, Record.Value)] {
        [
            ("restore", .text(row.id.hex)), ("tenant", .text(tenant ?? row.tenant.hex)),
            ("state", .word(row.state.rawValue)), ("requested_at", .time(row.requestedAt)),
            ("position", .integer(row.cut - 1)), ("applied", .integer(row.applied)),
            ("written_since", .integer(row.conflicts)),
            ("clone", row.clone.map { .text($0.hex) } ?? .absent),
        ]
    }

    /// A restore into a new tenant with its plan.
    static func record(_ row: Restore, _ tenant: String?, _ plan: ClonePlan) -> Record {
        Record(
            fields(row, tenant) + [
                ("began_at", time(row.beganAt)), ("ended_at", time(row.endedAt)),
                ("documents", .integer(plan.documents)),
                ("erased_parts", .integer(plan.erasedParts)),
            ]
        )
    }

    /// A plan of a restore into a new tenant, and the request for it.
    static func record(
        _ plan: ClonePlan,
        _ tenant: String,
        _ name: String,
        _ request: (id: DecisionID, state: DecisionState)?
    ) -> Record {
        Record([
            ("restore", request.map { .text($0.id.hex) } ?? .absent), ("tenant", .text(tenant)),
            ("into", .text(name)), ("state", .word(request?.state.rawValue ?? "planned")),
            ("position", .integer(plan.cut.size - 1)), ("documents", .integer(plan.documents)),
            ("erased_parts", .integer(plan.erasedParts)),
        ])
    }

    /// A restore with its plan.
    static func record(_ row: Restore, _ tenant: String?, _ plan: RestorePlan) -> Record {
        Record(
            fields(row, tenant) + [
                ("undoes", row.undoes.map { .text($0.hex) } ?? .absent),
                ("began_at", time(row.beganAt)), ("ended_at", time(row.endedAt)),
            ] + fields(plan) + [("scope", .json(JSONValue.object(plan.scope).canonical()))]
        )
    }

    /// A plan that was just made, and the request for it.
    static func record(
        _ plan: RestorePlan,
        _ tenant: String,
        _ request: (id: DecisionID, state: DecisionState)? = nil
    ) -> Record {
        Record(
            [
                ("restore", request.map { .text($0.id.hex) } ?? .absent),
                ("tenant", .text(tenant)),
                ("state", .word(request?.state.rawValue ?? "planned")),
                ("position", .integer(plan.cut.size - 1)),
            ] + fields(plan)
        )
    }

    private static func fields(_ plan: RestorePlan) -> [(String, Record.Value)] {
        [
            ("reverted", .integer(plan.steps.count { $0.target > 0 })),
            ("deleted", .integer(plan.steps.count { $0.target == 0 })),
            ("conflicts", .integer(plan.conflicts.count)), ("left", .integer(plan.leftCount)),
            ("never_rewound", .integer(plan.keptCount)),
            ("erased_parts", .integer(plan.erasedParts)),
        ]
    }

    static func conflict(_ conflict: RestoreConflict) -> Record {
        Record([
            ("stream", .text(conflict.stream)),
            ("found", .text(conflict.isPlanned ? "when_planned" : "when_applied")),
            ("since_version", conflict.sinceVersion.map { .integer($0) } ?? .absent),
            ("version", conflict.version.map { .integer($0) } ?? .absent),
            ("by", .text(conflict.actors.joined(separator: " "))),
        ])
    }

    /// What a plan does to each stream.
    static func steps(_ row: Restore, _ restores: Restores) async throws -> [Record] {
        guard row.clone == nil else { return [] }
        let steps = try await restores.plans.plan(of: row).steps
        let names = try await restores.plans.names(row.tenant, steps.map(\.stream))
        return steps.map { step in
            Record([
                ("stream", .text(names[step.stream] ?? step.stream.hex)),
                ("change", .text(step.target == 0 ? "delete" : "revert")),
                ("from_version", .integer(step.version)),
                ("to_version", step.target == 0 ? .absent : .integer(step.target)),
            ])
        }
    }

    private static func time(_ time: Instant?) -> Record.Value {
        time.map { .time($0) } ?? .absent
    }

    /// Ends a command that has applied a restore: exit 3 for a mismatch, 6 for conflicts.
    static func end(_ row: Restore) throws {
        if row.state == .mismatched {
            Talk.say(
                row.clone == nil
                    ? "documents are not what was planned: tally verify --open, then tally "
                        + "restore undo"
                    : "the clone is not what was planned, and stays frozen: tally verify --open"
            )
            throw ExitStatus(code: 3)
        }
        guard row.conflicts > 0 else { return }
        Talk.say(
            "\(row.conflicts) streams stay as they are: tally restore show \(row.id.hex) "
                + "--conflicts"
        )
        throw ExitStatus(code: 6)
    }
}
