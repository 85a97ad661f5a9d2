// tally version: what this build is, and what it knows.

internal import ArgumentParser
internal import TallyStore

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the versions of build, format and schema.",
        discussion: """
            Examples:
              tally version
              tally version -o json
            """
    )

    @OptionGroup var output: OutputOptions

    func run() {
        output.renderer.show(
            [
                Record([
                    ("version", .text(TallyVersion.text)), ("format", .integer(1)),
                    ("schema", .integer(SchemaTarget.ledger.version)),
                    ("keys_schema", .integer(SchemaTarget.keys.version)),
                ])
            ],
            isList: false
        )
    }
}
