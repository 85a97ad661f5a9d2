// tally erasure: from the request to the certificate (GDPR Art. 17).

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct ErasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erasure",
        abstract: "Erase a person or a tenant everywhere, and prove it.",
        discussion: """
            Examples:
              tally erasure request acme customer:8812 --ground art17-1-b --operator-key a.pem
              tally erasure run 9f02…11c4

            One operator asks, another approves, then it is run: keys destroyed, ciphertext
            purged. It becomes final when old key epochs and backups are gone.
            """,
        subcommands: [
            ErasureRequestCommand.self, ErasureSpreadCommand.self, ApproveCommand.self,
            RefuseCommand.self, ErasureRunCommand.self, List.self, Show.self,
            Certificate.self, Verify.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List erasures with their states and deadlines.",
            discussion: """
                Examples:
                  tally erasure list
                  tally erasure list --tenant acme -o json
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
                let rows = try await ledger.erasures.list(found).reversed()
                let shown = try page.page(rows) { $0.id.hex }
                let names = try await TenantNames(ledger)
                let now = ledger.configuration.now
                var subjects = try await DecisionSubjects(ledger)
                var records: [Record] = []
                for row in shown.rows {
                    let subject = try await subjects.subject(row.scope.subjectTag, in: row.tenant)
                    records.append(ErasureView.record(row, names[row.tenant], subject, at: now))
                }
                output.renderer.show(records)
                output.more(shown.next)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an erasure with the time of each of its states.",
            discussion: """
                Examples:
                  tally erasure show 9f02…11c4
                  tally erasure show 9f02…11c4 -o json
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The erasure's id, 32 hexadecimal digits.")
        var erasure: String

        func run() async throws {
            let id = try DecisionID.parse(erasure)
            try await ledger.open { ledger in
                let row = try await ledger.erasures.find(id)
                output.renderer.show([try await ErasureView.whole(row, ledger)], isList: false)
            }
        }
    }
}

/// Shows erasures.
enum ErasureView {
    /// An erasure with everything that is known of it.
    static func whole(_ row: Erasure, _ ledger: Ledger) async throws -> Record {
        var subjects = try await DecisionSubjects(ledger)
        return record(
            row,
            try await TenantNames(ledger)[row.tenant],
            try await subjects.subject(row.scope.subjectTag, in: row.tenant),
            at: ledger.configuration.now,
            whole: true
        )
    }

    static func record(
        _ row: Erasure,
        _ tenant: String?,
        _ subject: Record.Value,
        at now: Instant,
        whole: Bool = false
    ) -> Record {
        let short: [(String, Record.Value)] = [
            ("erasure", .text(row.id.hex)), ("tenant", .text(tenant ?? row.tenant.hex)),
            ("scope", .text(row.scope.isTenant ? "tenant" : "subject")),
            ("state", .word(row.state.rawValue)), ("subject", subject),
            ("requested_at", .time(row.requestedAt)),
            ("due_at", time(row.dueAt)), ("overdue", .text(row.isOverdue(at: now) ? "yes" : "no")),
            ("parts", .integer(row.purgedParts)),
        ]
        guard whole else { return Record(short) }
        return Record(
            short + [
                ("ground", .text(row.ground)),
                ("not_before", time(row.notBefore)),
                ("follows", row.follows.map { .text($0.hex) } ?? .absent),
                ("classes", .text(row.scope.classes.joined(separator: ","))),
                ("fenced_at", time(row.fencedAt)), ("keys_destroyed_at", time(row.destroyedAt)),
                ("purged_at", time(row.purgedAt)), ("epoch_retired_at", time(row.retiredAt)),
                ("backups_until", time(row.backupsUntil)), ("final_at", time(row.finalAt)),
            ]
        )
    }

    private static func time(_ time: Instant?) -> Record.Value {
        time.map { .time($0) } ?? .absent
    }
}
