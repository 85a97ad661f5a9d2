// tally status: one look at the ledger.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the ledger, its tenants and their sizes.",
        discussion: """
            Examples:
              tally status
              tally status -o json
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await ledger.open { ledger in
            let tenants: [TenantState]
            let events: Int
            let rows = try await ledger.registry.list()
            let now = ledger.configuration.clock()
            let erasures = try await Erasures(ledger).list().filter { !$0.state.isEnd }
            tenants = rows.filter { $0.slot > 0 }.compactMap { TenantState(rawValue: $0.state) }
            events = rows.reduce(0) { $0 + $1.size }
            output.renderer.show(
                [
                    Record([
                        ("ledger", .text(ledger.row.id.hex)),
                        ("origin", .text(ledger.row.origin)),
                        ("created_at", .time(ledger.row.createdAt)),
                        ("tenants", .integer(tenants.count)),
                        ("frozen", .integer(tenants.count { $0 == .frozen })),
                        ("events", .integer(events)),
                        ("erasures", .integer(erasures.count)),
                        ("overdue", .integer(erasures.count { $0.isOverdue(at: now) })),
                        ("key_epoch", .integer(Int(try await ledger.vault.currentEpoch() ?? 0))),
                        ("checkpoints", .text("none published")),
                    ])
                ],
                isList: false
            )
        }
    }
}
