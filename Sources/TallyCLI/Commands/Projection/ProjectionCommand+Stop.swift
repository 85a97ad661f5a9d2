// tally projection retry and skip: what to do about a projection that does not go on.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import Tallystick

extension ProjectionCommand {
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a projection try the event again that stopped it.",
            discussion: """
                Examples:
                  tally projection retry documents acme
                  tally projection retry trail acme -o json
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The projection's name.", completion: .projection)
        var name: String

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let stop = try await ProjectionCommand.stop(name, tenant, ledger)
                if dryRun { return Talk.say("would try event \(stop.position) again") }
                if let stop = try await ledger.projections.retry(name, of: tenant) {
                    throw Problem(
                        .projectionBehind,
                        "event \(stop.position) stops it again: \(stop.reason)",
                        hint: "tally verify \(tenant.name) --open; or tally projection skip"
                    )
                }
                Talk.say("\(name) of \(tenant.name) goes on")
            }
        }
    }

    /// The event that stops a projection of a tenant.
    fileprivate static func stop(
        _ name: String,
        _ tenant: Tenant,
        _ ledger: Ledger
    ) async throws -> ProjectionStop {
        let progress = try await ledger.projections.progress(of: name)
        guard let stop = progress.first(where: { $0.tenant == tenant.id })?.stop else {
            throw ProjectionView.notStopped(name, tenant.name)
        }
        return stop
    }

    struct Skip: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a projection leave out the event that stops it.",
            discussion: """
                Examples:
                  tally projection skip documents acme --reason OPS-2211
                  tally projection skip documents acme --reason OPS-2211 --dry-run

                The event stays in the log; that it was skipped becomes an event of its own. The
                reason is a reference such as a ticket's number, because it is stored in the clear.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The projection's name.", completion: .projection)
        var name: String

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Option(help: "A reference of 1 to 64 letters, digits and . _ : / # -")
        var reason: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let stop = try await ProjectionCommand.stop(name, tenant, ledger)
                if dryRun {
                    return Talk.say("would skip event \(stop.position): \(stop.reason)")
                }
                let event = try await ledger.projections
                    .skip(stop.position, in: name, of: tenant, reason: reason)
                _ = try await ledger.projections.catchUp([name], of: tenant)
                Talk.say("skipped event \(stop.position); event \(event) says so")
            }
        }
    }
}
