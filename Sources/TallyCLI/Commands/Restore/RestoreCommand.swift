// tally restore: one tenant back to what it was, planned, approved, appended and undoable.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring documents of a tenant back to what they were at any moment.",
        discussion: """
            Examples:
              tally restore plan acme --at 2026-11-20T12:00Z --operator-key alice.pem
              tally restore apply 9f02…11c4

            One operator plans, another approves, then it is applied: one event per document,
            nothing is rewound. Who was erased stays erased. It can be undone the same way.
            """,
        subcommands: [
            RestorePlanCommand.self, ApproveCommand.self, RefuseCommand.self,
            RestoreApplyCommand.self,
            RestoreUndoCommand.self, Abort.self, List.self, Show.self,
        ]
    )

    struct Abort: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a restore that goes on without applying the rest of it.",
            discussion: """
                Examples:
                  tally restore abort 9f02…11c4
                  tally restore abort 9f02…11c4 --yes

                What was applied stays; tally restore undo takes it back.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var confirm: ConfirmOptions

        @Argument(help: "The restore's id, 32 hexadecimal digits.")
        var restore: String

        func run() async throws {
            let id = try DecisionID.parse(restore)
            guard try confirm.proceed("end the restore \(id.hex) as it is") else { return }
            try await ledger.open { ledger in
                let row = try await ledger.restores.abort(id)
                let names = try await TenantNames(ledger)
                output.renderer.show(
                    [RestoreView.record(row, names[row.tenant])],
                    isList: false
                )
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List restores with their states.",
            discussion: """
                Examples:
                  tally restore list
                  tally restore list --tenant acme -o json
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Option(help: "Of one tenant only.", completion: .tenant)
        var tenant: String?

        func run() async throws {
            try await ledger.open { ledger in
                let found = try await ledger.known(tenant)
                let rows = try await ledger.restores.list(found).reversed()
                let shown = try page.page(rows) { $0.id.hex }
                let names = try await TenantNames(ledger)
                output.renderer.show(shown.rows.map { RestoreView.record($0, names[$0.tenant]) })
                output.more(shown.next)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a restore, what its plan says, and what it left as it was.",
            discussion: """
                Examples:
                  tally restore show 9f02…11c4
                  tally restore show 9f02…11c4 --steps -o csv

                --steps is what is signed: look at it before you approve.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The restore's id, 32 hexadecimal digits.")
        var restore: String

        @Flag(help: "List the streams that stay as they are.")
        var conflicts = false

        @Flag(help: "List what the plan does to each stream: what an approval is about.")
        var steps = false

        func validate() throws {
            if conflicts, steps { throw ValidationError("give --conflicts or --steps") }
        }

        func run() async throws {
            let id = try DecisionID.parse(restore)
            try await ledger.open { ledger in
                let restores = ledger.restores
                let row = try await restores.find(id)
                guard !conflicts, !steps else {
                    return output.renderer.show(
                        conflicts
                            ? try await restores.conflicts(row).map { RestoreView.conflict($0) }
                            : try await RestoreView.steps(row, restores)
                    )
                }
                let name = try await TenantNames(ledger)[row.tenant]
                let plans = restores.plans
                output.renderer.show(
                    [
                        row.clone == nil
                            ? RestoreView.record(row, name, try await plans.plan(of: row))
                            : RestoreView.record(row, name, try await plans.clonePlan(of: row))
                    ],
                    isList: false
                )
            }
        }
    }
}
