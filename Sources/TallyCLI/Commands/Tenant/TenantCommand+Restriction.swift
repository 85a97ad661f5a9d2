// tally tenant freeze and thaw: restriction of processing (GDPR Art. 18).

internal import ArgumentParser
internal import TallyStore
internal import Tallystick

extension TenantCommand {
    struct Freeze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Restrict a tenant until thaw (GDPR Art. 18); reading goes on.",
            discussion: """
                Examples:
                  tally tenant freeze acme
                  tally tenant freeze acme --level 2

                Level 1 stops background work and refuses appends, but for those that name a
                purpose of Art. 18(2). Level 2 refuses every append.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var name: String

        @Option(help: "1 or 2.")
        var level: Int16 = 1

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func validate() throws {
            guard FreezeLevel(rawValue: level) != nil else {
                throw ValidationError("a level is 1 or 2")
            }
        }

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(name) as Tenant
                if dryRun { return Talk.say("would freeze the tenant \(name) at level \(level)") }
                let level = FreezeLevel(rawValue: level) ?? .restricted
                if try await tenant.freeze(level) == nil {
                    Talk.say("\(name) was frozen already")
                }
                try await TenantCommand.show(ledger, name, output)
            }
        }
    }

    struct Thaw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lift a freeze.",
            discussion: """
                Examples:
                  tally tenant thaw acme
                  tally tenant thaw acme -o json
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var name: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(name) as Tenant
                if dryRun { return Talk.say("would thaw the tenant \(name)") }
                if try await tenant.thaw() == nil {
                    Talk.say("\(name) was active already")
                }
                try await TenantCommand.show(ledger, name, output)
            }
        }
    }
}
