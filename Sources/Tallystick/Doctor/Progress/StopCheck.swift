// Projections that an event has stopped: what they derive is not kept up to date, erasures wait for
// them.

internal import TallyReplay

/// Looks at projections.
struct StopCheck {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    func findings() async throws -> [DoctorFinding] {
        let projections = try await ProjectionHealth.read(ledger)
        let stopped = projections.filter { !$0.stopped.isEmpty }
        let behind = projections.map(\.behind).max() ?? 0
        guard stopped.isEmpty else {
            let names = stopped.map { "\($0.name) in \($0.stopped.count) tenants" }
            return [
                DoctorFinding(
                    "projections",
                    .failing,
                    "stopped: \(names.joined(separator: ", "))",
                    do:
                        "\(.showProjection) says at which event; \(.retryProjection) "
                        + "or skip"
                )
            ]
        }
        let isLate = behind > ReplayLimits.tailEvents
        return [
            DoctorFinding(
                "projections",
                isLate ? .weak : .good,
                isLate ? "\(behind) events behind" : "none is stopped",
                do: "let a process with the projections run"
            )
        ]
    }
}
