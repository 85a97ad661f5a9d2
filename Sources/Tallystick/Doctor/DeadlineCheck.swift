// Deadlines, what was begun and not ended, and whether there is anybody who could decide.

internal import TallyStore

/// Looks at erasures, holds and operators.
struct DeadlineCheck {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    func findings() async throws -> [DoctorFinding] {
        let now = ledger.configuration.now
        let overdue = try await ledger.erasures.list().filter { $0.isOverdue(at: now) }
        let due = try await ledger.decisions.holds(inForceOnly: true).filter { $0.reviewAt <= now }
        return [
            DoctorFinding(
                "erasures",
                overdue.isEmpty ? .good : .failing,
                overdue.isEmpty ? "none is overdue" : "\(overdue.count) overdue",
                do: "\(.listErasures) shows them; \(.runErasure(nil)) takes them on"
            ),
            DoctorFinding(
                "holds",
                due.isEmpty ? .good : .weak,
                due.isEmpty ? "none is due for review" : "\(due.count) due for review",
                do: "\(.listHolds); release those that are no longer needed"
            ),
            try await restores(), try await operators(),
        ]
    }

    /// One that was interrupted holds up every other restore of its tenant.
    private func restores() async throws -> DoctorFinding {
        let open = try await ledger.restores.list().count { $0.state == .applying }
        return DoctorFinding(
            "restores",
            open == 0 ? .good : .weak,
            open == 0 ? "none is under way" : "\(open) under way, or interrupted",
            do: "\(.listRestores); apply an interrupted one again, or abort it"
        )
    }

    private func operators() async throws -> DoctorFinding {
        let register = OperatorRegister(pool: ledger.operators)
        let listed = Set(try await register.list().filter { $0.endedAt == nil }.map(\.id))
        let known = try await OperatorLog(pool: ledger.readers).read(ledger.row.id).active
        guard listed == known else {
            return DoctorFinding(
                "operators",
                .failing,
                "the register and the ledger's own log name different ones",
                do:
                    "somebody has forged decisions: \(.verify) names them; see who holds the "
                    + "role "
                    + "tally_operator"
            )
        }
        let active = known.count
        if try await register.hasSingleOperator() {
            return DoctorFinding(
                "operators",
                .weak,
                "one person decides alone, and every certificate says so",
                do: "a ledger for production is initialised without --single-operator"
            )
        }
        return DoctorFinding(
            "operators",
            active >= 3 ? .good : active == 2 ? .weak : .failing,
            "\(active) may sign, and every decision needs two",
            do: "\(.addOperator) --public-key FILE; with three, one lost key stops nothing"
        )
    }
}
