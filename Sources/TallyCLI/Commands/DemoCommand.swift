// tally demo: the whole story on real data, in a private cluster, in under three minutes.

internal import ArgumentParser

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See the whole story on real data.",
        discussion: """
            Examples:
              tally demo
              tally demo --data /var/tmp/demo

            Appends about 54,000 events of three employers, reads, verifies, lets a superuser
            change one byte, and finds it; then erases one person everywhere and proves it.
            Each run starts over.
            """
    )

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Where the data is.", valueName: "dir"))
    var data = ".tally/demo"

    func run() async throws {
        try await DemoStory(directory: data, output: output).play()
    }
}
