// tally approval: the second person's part in every decision.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct ApprovalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approval",
        abstract: "Approve or refuse what another operator asks for.",
        discussion: """
            Examples:
              tally approval list
              tally approval show 9f02…11c4
              tally approval approve 9f02…11c4 --operator-key bob.pem
            """,
        subcommands: [
            List.self, ApprovalShowCommand.self, ApproveCommand.self, RefuseCommand.self,
            ApprovalSignCommand.self, ApprovalSubmitCommand.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List requests that wait, with their plans.",
            discussion: """
                Examples:
                  tally approval list
                  tally approval list --all -o json

                A subject is shown by name where the keys are at hand and the person is not
                erased, else by the tag that the plan has. Of a restore the number of steps is
                shown: tally restore show ID --steps lists them.
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Option(help: "Of one tenant only.", completion: .tenant)
        var tenant: String?

        @Flag(help: "Show requests that are decided, too.")
        var all = false

        func run() async throws {
            try await ledger.open { ledger in
                let only = try await ledger.known(tenant)?.id
                let rows = try await ledger.decisions.list(waitingOnly: !all).reversed()
                    .filter { only == nil || $0.tenant == only }
                let shown = try page.page(rows) { $0.id.hex }
                let names = try await TenantNames(ledger)
                var subjects = try await DecisionSubjects(ledger)
                var records: [Record] = []
                for row in shown.rows {
                    let subject = try await subjects.subject(of: row)
                    records.append(
                        DecisionView.record(row, tenant: names[row.tenant], subject: subject)
                    )
                }
                output.renderer.show(records)
                output.more(shown.next)
            }
        }
    }
}
