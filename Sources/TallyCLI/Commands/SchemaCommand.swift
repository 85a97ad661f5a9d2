// tally schema: install and compare the schemas of both databases.

internal import ArgumentParser
internal import TallyStore
internal import Tallystick

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Install or check the schemas of both databases.",
        discussion: """
            Examples:
              tally schema migrate
              tally schema check
            """,
        subcommands: [Migrate.self, Check.self]
    )

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Install what is missing; safe to repeat.",
            discussion: """
                Examples:
                  tally schema migrate
                  tally schema migrate --dry-run
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let configuration = try await ledger.configuration()
            if !dryRun {
                try await SchemaCheck.migrate(configuration)
            }
            try await SchemaCommand.show(configuration, output, conditional: dryRun)
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare both databases with this build; changes nothing.",
            discussion: """
                Examples:
                  tally schema check
                  tally schema check -o json
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try await ledger.configuration()
            try await SchemaCommand.show(configuration, output, conditional: false)
            try await SchemaCheck.requireCurrent(configuration)
        }
    }

    private static func show(
        _ configuration: LedgerConfiguration,
        _ output: OutputOptions,
        conditional: Bool
    ) async throws {
        let found = try await SchemaCheck.status(configuration)
        output.renderer.show(
            found.map { target, status in
                let words = conditional && status == .absent ? "would install" : status.words
                return Record([
                    ("database", .text(target.rawValue)), ("schema", .text(words)),
                ])
            }
        )
    }
}

extension SchemaStatus {
    /// The status in words.
    var words: String {
        switch self {
        case .absent: "absent"
        case .current: "version \(SchemaTarget.version)"
        case .differs: "version \(SchemaTarget.version) of another build"
        case .newer(let version): "version \(version), newer than this build"
        }
    }
}
