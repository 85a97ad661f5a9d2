// tally schema: install and compare the schemas of both databases.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Install, upgrade or check the schemas of both databases.",
        discussion: """
            Examples:
              tally schema migrate
              tally schema check
            """,
        subcommands: [Migrate.self, Check.self]
    )

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring both databases to this build's schema; safe to repeat.",
            discussion: """
                Each step is printed before it is taken, and done as a whole or not at all; what
                was interrupted goes on where it was. Processes of the build before may go on
                writing meanwhile. A database that is newer than this build, or that no earlier
                build made, is left alone, exit 1.

                With --again functions, rights and guards are installed again though they are of
                this build: that puts right what somebody has changed of them.

                Examples:
                  tally schema migrate --dry-run
                  tally schema migrate
                  tally schema migrate --again
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        @Flag(help: "Install functions, rights and guards again in any case.")
        var again = false

        func run() async throws {
            let configuration = try await ledger.configuration()
            guard !dryRun else {
                return try await SchemaCommand.foresee(configuration, output)
            }
            let behind = try await LedgerSchema.status(configuration)
            try await LedgerSchema.migrate(configuration, again: again) { target, step in
                Talk.say("\(target.rawValue): \(step.name)")
            }
            for case (let target, .behind(let steps)) in behind {
                for advice in steps.compactMap({ target.afterwards($0) }) {
                    Talk.say("next: \(advice)")
                }
            }
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
        let statuses = try await LedgerSchema.status(configuration)
        let isCurrent = statuses.allSatisfy { $0.status == .current }
        let found = isCurrent ? try await LedgerSchema.differences(configuration) : []
        guard !found.isEmpty else {
            try await show(configuration, output)
            return try await LedgerSchema.requireCurrent(configuration)
        }
        output.renderer.show(found.map { record($0.target, $0.difference) })
        throw Problem(
            .misconfigured,
            "\(found.count) things in the schemas are not as this build makes them",
            hint: "tally schema migrate --again puts functions, rights and guards right, the lines "
                + "say what does the rest; find out who changed them"
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
        _ output: OutputOptions
    ) async throws {
        let found = try await LedgerSchema.status(configuration)
        output.renderer.show(
            found.map { target, status in
                Record([
                    ("database", .text(target.rawValue)), ("schema", .text(status.words(target))),
                ])
            }
        )
    }

    /// Lists the steps that are missing, or that there are none.
    private static func foresee(
        _ configuration: LedgerConfiguration,
        _ output: OutputOptions
    ) async throws {
        let found = try await LedgerSchema.status(configuration)
        let records = found.flatMap { target, status in
            status.missing(target).map { step in
                Record([("database", .text(target.rawValue)), ("would do", .text(step))])
            }
        }
        guard records.isEmpty else { return output.renderer.show(records) }
        try await show(configuration, output)
        try await LedgerSchema.requireCurrent(configuration)
    }
}

extension SchemaStatus {
    /// The status in words.
    fileprivate func words(_ target: SchemaTarget) -> String {
        switch self {
        case .absent: "absent"
        case .current: "version \(target.version)"
        case .behind: "of an earlier build"
        case .newer: "newer than this build"
        case .foreign(let reason): "not of an earlier build: \(reason)"
        }
    }

    /// What a migration would do.
    fileprivate func missing(_ target: SchemaTarget) -> [String] {
        switch self {
        case .absent: ["install version \(target.version)"]
        case .behind(let steps): steps.map(\.name)
        case .current, .newer, .foreign: []
        }
    }
}
