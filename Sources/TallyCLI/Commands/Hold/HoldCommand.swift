// tally hold: legal holds, which suspend erasures.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Suspend the erasure of a subject for legal reasons.",
        discussion: """
            Examples:
              tally hold place acme customer:8812 --review 2027-01-01 --operator-key alice.pem
              tally hold list

            An erasure that meets a hold waits in the state on_hold, with everything readable.
            """,
        subcommands: [
            Place.self, Release.self, ApproveCommand.self, RefuseCommand.self, List.self,
        ]
    )

    struct Place: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask for a hold; another operator approves it.",
            discussion: """
                Examples:
                  tally hold place acme customer:8812 --review 2027-01-01 --operator-key a.pem
                  tally hold place acme --review 2027-01-01 --operator-key a.pem

                Without a subject the whole tenant is held. A name that no event has is refused,
                as it is most likely mistyped: nothing would be held back.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var signer: OperatorKeyOption

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The subject's name, as in customer:8812.")
        var subject: String?

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp(
                "When to look at it again, as in 2027-01-01 or +90d.",
                valueName: "time"
            ),
            transform: MomentArgument.time
        )
        var review: Instant

        @Flag(help: "Hold although nothing is held under that name, for what may come.")
        var absent = false

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let key = try signer.key()
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                if let subject, !absent {
                    try await ledger.subjects.requireKnown(subject, in: tenant)
                }
                if dryRun { return Talk.say("would ask for a hold in \(tenant.name)") }
                let request = try await ledger.decisions
                    .placeHold(on: subject, of: tenant, reviewAt: review, by: key)
                try DecisionView.show(request.id, request.state, output)
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask for the end of a hold; another operator approves it.",
            discussion: """
                Examples:
                  tally hold release 9f02…11c4 --operator-key alice.pem
                  tally erasure run --all
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var signer: OperatorKeyOption

        @Argument(help: "The hold's id, 32 hexadecimal digits.")
        var hold: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let id = try DecisionID.parse(hold)
            let key = try signer.key()
            try await ledger.open { ledger in
                if dryRun { return Talk.say("would ask for the end of the hold \(id.hex)") }
                let request = try await ledger.decisions.releaseHold(id, by: key)
                try DecisionView.show(request.id, request.state, output)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List holds in force with their review dates.",
            discussion: """
                Examples:
                  tally hold list
                  tally hold list --all -o json
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Option(help: "Of one tenant only.", completion: .tenant)
        var tenant: String?

        @Flag(help: "Show released holds, too.")
        var all = false

        func run() async throws {
            try await ledger.open { ledger in
                let only = try await ledger.known(tenant)?.id
                let rows = try await ledger.decisions.holds(inForceOnly: !all)
                    .filter { only == nil || $0.tenant == only }
                let shown = try page.page(rows.reversed()) { $0.id.hex }
                let names = try await TenantNames(ledger)
                var subjects = try await DecisionSubjects(ledger)
                let now = ledger.configuration.now
                var records: [Record] = []
                for row in shown.rows {
                    let subject = try await subjects.subject(row.tag, in: row.tenant)
                    records.append(Self.record(row, names[row.tenant], subject, now))
                }
                output.renderer.show(records)
                output.more(shown.next)
            }
        }

        private static func record(
            _ row: Hold,
            _ tenant: String?,
            _ subject: Record.Value,
            _ now: Instant
        ) -> Record {
            let isDue = row.releasedAt == nil && row.reviewAt <= now
            let state = row.releasedAt != nil ? "released" : isDue ? "review_due" : "in_force"
            return Record([
                ("hold", .text(row.id.hex)), ("tenant", .text(tenant ?? row.tenant.hex)),
                ("scope", .text(row.subjectTag == nil ? "tenant" : "subject")),
                ("state", .text(state)), ("subject", subject), ("review_at", .time(row.reviewAt)),
                ("placed_at", .time(row.placedAt)),
                ("released_at", row.releasedAt.map { .time($0) } ?? .absent),
            ])
        }
    }
}
