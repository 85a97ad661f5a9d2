// tally event: stored events, opened where the keys are.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct EventCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event",
        abstract: "Read events by position or by stream.",
        discussion: """
            Examples:
              tally event list acme --stream crm/contact/42
              tally event show acme 184203
            """,
        subcommands: [List.self, Show.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List events in order.",
            discussion: """
                Examples:
                  tally event list acme --after 1000 --limit 50
                  tally event list acme --where 'actor:user:17 type:invoice.* since:2026-11-01' -o csv

                A query has terms of actor, type, stream, subject, collection, since and until.
                Different keys must all hold, of one key any value; type, stream and collection
                take a trailing *; times are UTC, from since up to but without until.
                """
        )

        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.")
        var tenant: String

        @Option(help: "Only this stream.")
        var stream: String?

        @Option(name: .customLong("where"), help: ArgumentHelp("Which events.", valueName: "query"))
        var query: String?

        @Option(
            parsing: .unconditional,
            help: "Only after this position; with --stream after this version."
        )
        var after: Int?

        @Option(help: "At most so many events.")
        var limit = 100

        func validate() throws {
            guard stream == nil || query == nil else {
                throw ValidationError("give --stream or --where; a query can say stream:NAME too")
            }
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit must be between 1 and 10000")
            }
            guard (-1...Int(Int32.max) - 1).contains(after ?? 0) else {
                throw ValidationError("--after must be a position or version")
            }
        }

        func run() async throws {
            try await ledger.open { ledger in
                if let query { return try await find(query, ledger) }
                let id = try await ledger.registry.find(tenant).id
                let rows = try await rows(ledger, id)
                let events = try await EventOpener(vault: ledger.vault).open(rows, of: id)
                output.renderer.show(events.map { EventView.record($0) })
            }
        }

        private func find(_ query: String, _ ledger: Ledger) async throws {
            let tenant = try await ledger.tenant(named: tenant)
            let page = try await CatchUp.whenBehind(ledger, tenant, output) { () throws(Problem) in
                try await tenant.events(where: query, after: after ?? -1, limit: limit)
            }
            output.renderer.show(page.events.map { EventView.record($0.opened) })
            if let next = page.next { Talk.say("more: --after \(next)") }
        }

        private func rows(_ ledger: Ledger, _ id: TenantID) async throws -> [StoredEvent] {
            let reader = LogReader(pool: ledger.readers)
            guard let stream else {
                let first = (after ?? -1) + 1
                let size = try await reader.size(id)
                guard first < size else { return [] }
                return try await reader.events(id, first..<min(first + limit, size))
            }
            let tag = try await ledger.vault.indexKey(id).tag(.stream, stream)
            return try await reader.events(id, stream: tag, after: after ?? 0, limit: limit)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one event.",
            discussion: """
                Examples:
                  tally event show acme 184203
                  tally event show acme 184203 -o json
                """
        )

        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.")
        var tenant: String

        @Argument(help: "The event's position.")
        var position: Int

        func run() async throws {
            try await ledger.open { ledger in
                let id = try await ledger.registry.find(tenant).id
                let rows =
                    position < 0 || position == .max
                    ? []
                    : try await LogReader(pool: ledger.readers)
                        .events(id, position..<position + 1)
                let events = try await EventOpener(vault: ledger.vault).open(rows, of: id)
                guard let event = events.first else {
                    throw Problem(
                        .notFound,
                        "\(tenant) has no event \(position)",
                        hint: "tally tenant show \(tenant) says how many there are"
                    )
                }
                output.renderer.show([EventView.record(event, whole: true)], isList: false)
            }
        }
    }
}
