// tally operator: who may decide about erasures, holds and restores.

internal import ArgumentParser
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import Tallystick

struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Manage who may decide, by their public keys.",
        discussion: """
            Examples:
              tally operator add --public-key alice.pub
              tally operator list

            The first two operators need nobody's approval. After that one operator asks for a
            change and another one approves it: tally approval approve.
            """,
        subcommands: [Add.self, List.self, End.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an operator.",
            discussion: """
                Examples:
                  tally operator add --public-key alice.pub
                  tally operator add --public-key carol.pub --operator-key alice.pem

                Make a key: openssl genpkey -algorithm ed25519 -out alice.pem
                and its public half: openssl pkey -in alice.pem -pubout -out alice.pub
                A passkey's public key, on P-256 or Ed25519, needs --relying-party. Somebody's
                second key needs --person: two keys of one person are never two people.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var signer: OperatorKeyOption
        @OptionGroup var file: PublicKeyOption

        @Option(
            help: ArgumentHelp("The operator whose key this one is, too.", valueName: "operator"),
            transform: OperatorID.parse
        )
        var person: OperatorID?

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let key = try file.key()
            let requester = try signer.key()
            try await ledger.open { ledger in
                if dryRun { return Talk.say("would add the operator \(OperatorID(of: key).hex)") }
                let added = try await ledger.decisions
                    .addOperator(key, person: person, by: requester)
                output.renderer.show(
                    [
                        Record([
                            ("operator", .text(added.operator.hex)),
                            ("request", added.request.map { .text($0.hex) } ?? .absent),
                            ("state", .text(added.request == nil ? "active" : "waiting")),
                        ])
                    ],
                    isList: false
                )
                if let request = added.request { try DecisionView.wait(for: request) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all operators, ended ones included.",
            discussion: """
                Examples:
                  tally operator list
                  tally operator list -o json
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        func run() async throws {
            try await ledger.open { ledger in
                let shown = try page.page(await ledger.decisions.operators()) { $0.id.hex }
                output.renderer.show(
                    shown.rows.map { row in
                        Record([
                            ("operator", .text(row.id.hex)),
                            ("public_key", .text(Hex.encode(row.publicKey.bytes))),
                            ("key", .text(row.publicKey.kindName)),
                            ("person", .text(row.person.hex)),
                            ("added_at", .time(row.addedAt)),
                            ("ended_at", row.endedAt.map { .time($0) } ?? .absent),
                            ("state", .text(row.endedAt == nil ? "active" : "ended")),
                        ])
                    }
                )
                output.more(shown.next)
            }
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask that an operator may sign no more.",
            discussion: """
                Examples:
                  tally operator end 4be1…77ad --operator-key alice.pem
                  tally operator end 4be1…77ad --operator-key alice.pem --dry-run

                At least two operators must remain. Name the whole id, as tally operator list
                shows it.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var signer: OperatorKeyOption

        @Argument(
            help: "The operator's id, 32 hexadecimal digits.",
            transform: OperatorID.parse
        )
        var id: OperatorID

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let requester = try signer.key()
            try await ledger.open { ledger in
                if dryRun { return Talk.say("would end the operator \(id.hex)") }
                let request = try await ledger.decisions.endOperator(id, by: requester)
                try DecisionView.show(request.id, request.state, output)
            }
        }
    }
}
