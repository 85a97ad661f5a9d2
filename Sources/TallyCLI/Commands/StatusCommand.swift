// tally status: one look at the ledger, its tenants and what is derived from them.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the ledger, its tenants, and how far projections have come.",
        discussion: """
            Examples:
              tally status
              tally status --tenants -o json

            Exit code 9 when a projection is stopped by an event. behind is how many events the
            slowest projection has yet to apply.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var page: PageOptions
    @OptionGroup(title: "Connection") var ledger: LedgerOptions

    @Flag(help: "A row for each tenant instead.")
    var tenants = false

    func run() async throws {
        let isStopped = try await ledger.open { ledger in
            let projections = try await ProjectionHealth.read(ledger)
            let rows = try await ledger.registry.list()
            let names = try await TenantNames(ledger)
            if tenants {
                let shown = try page.page(rows) { names[$0.id] ?? $0.id.hex }
                output.renderer.show(
                    shown.rows.map { StatusView.tenant($0, names[$0.id], projections) }
                )
                output.more(shown.next)
            } else {
                let record = try await StatusView.ledger(ledger, rows, projections)
                output.renderer.show([record], isList: false)
            }
            StatusView.sayStops(projections, names)
            return projections.contains { !$0.stopped.isEmpty }
        }
        if isStopped { throw ExitStatus(code: 9) }
    }
}

/// Turns what is known of a ledger's state into records.
enum StatusView {
    static func ledger(
        _ ledger: Ledger,
        _ rows: [TenantRow],
        _ projections: [ProjectionHealth]
    ) async throws -> Record {
        let states = rows.filter { $0.slot > 0 }.compactMap { TenantState(rawValue: $0.state) }
        let now = ledger.configuration.now
        let erasures = try await ledger.erasures.list().filter { !$0.state.isEnd }
        let oldest = try await OldestTransaction.read(ledger)
        return Record([
            ("ledger", .text(ledger.row.id.hex)), ("origin", .text(ledger.row.origin)),
            ("created_at", .time(ledger.row.createdAt)), ("tenants", .integer(states.count)),
            ("frozen", .integer(states.count { $0 == .frozen })),
            ("events", .integer(rows.reduce(0) { $0 + $1.size })),
            ("behind", .integer(projections.map(\.behind).max() ?? 0)),
            ("stopped", .integer(projections.reduce(0) { $0 + $1.stopped.count })),
            ("erasures", .integer(erasures.count)),
            ("overdue", .integer(erasures.count { $0.isOverdue(at: now) })),
            ("key_epoch", .integer(Int(clamping: try await ledger.vault.currentEpoch() ?? 0))),
            ("oldest_transaction_at", oldest.map { .time($0.beganAt) } ?? .absent),
            ("oldest_transaction", oldest.map { .text(words($0)) } ?? .absent),
            ("checkpoints", .text("none published")),
        ])
    }

    private static func words(_ transaction: OldestTransaction) -> String {
        let name = transaction.application
        return "pid \(transaction.pid)\(name.isEmpty ? "" : " (\(name))")"
    }

    static func tenant(
        _ row: TenantRow,
        _ name: String?,
        _ projections: [ProjectionHealth]
    ) -> Record {
        let progress = projections.compactMap { projection in
            projection.progress.first { $0.tenant == row.id }
        }
        return Record([
            ("tenant", .text(name ?? row.id.hex)),
            ("state", .word(TenantState(rawValue: row.state).map { "\($0)" } ?? "unknown")),
            ("events", .integer(row.size)),
            ("behind", .integer(progress.map { max(0, $0.size - $0.position) }.max() ?? 0)),
            ("stopped", .integer(progress.count { $0.stop != nil })),
            ("recorded_at", .time(row.recordedAt)),
        ])
    }

    /// Says which projections are stopped, where, and what to do.
    static func sayStops(_ projections: [ProjectionHealth], _ names: TenantNames) {
        for projection in projections {
            for stop in projection.stopped {
                let tenant = names[stop.tenant] ?? stop.tenant.hex
                let event = stop.stop.map { "event \($0.position): \($0.reason)" } ?? "an event"
                Talk.say(
                    Renderer.oneLine("stopped: \(projection.name) of \(tenant) by \(event)")
                )
                Talk.say("  next: tally projection retry \(projection.name) \(tenant), or skip")
            }
        }
    }
}
