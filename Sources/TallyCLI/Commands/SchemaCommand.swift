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
                Puts nothing right that somebody has changed: what differs is listed, exit 1.

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
            guard !dryRun else {
                return try await SchemaCommand.show(configuration, output, conditional: true)
            }
            try await SchemaCheck.migrate(configuration)
            try await SchemaCommand.compare(configuration, output)
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare both databases with this build; changes nothing.",
            discussion: """
                Owners, rights, row security, function bodies, triggers, columns, constraints and
                indexes; each difference is listed with what puts it right, exit 1.

                Examples:
                  tally schema check
                  tally schema check -o json
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try await ledger.configuration()
            try await SchemaCommand.compare(configuration, output)
        }
    }

    /// Lists what is not as this build makes it, or says that nothing is.
    private static func compare(
        _ configuration: LedgerConfiguration,
        _ output: OutputOptions
    ) async throws {
        let statuses = try await SchemaCheck.status(configuration)
        let isCurrent = statuses.allSatisfy { $0.status == .current }
        let found = isCurrent ? try await SchemaCheck.differences(configuration) : []
        guard !found.isEmpty else {
            try await show(configuration, output, conditional: false)
            return try await SchemaCheck.requireCurrent(configuration)
        }
        output.renderer.show(found.map { record($0.target, $0.difference) })
        throw Problem(
            .misconfigured,
            "\(found.count) things in the schemas are not as this build makes them",
            hint: "put each right as its line says; tally schema migrate does not repair them"
        )
    }

    private static func record(_ target: SchemaTarget, _ difference: SchemaDifference) -> Record {
        Record([
            ("database", .text(target.rawValue)), ("object", .text(difference.object)),
            ("kind", .text(difference.kind)), ("expected", .text(difference.expected ?? "none")),
            ("found", .text(difference.found ?? "missing")), ("do", .text(difference.advice)),
        ])
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
