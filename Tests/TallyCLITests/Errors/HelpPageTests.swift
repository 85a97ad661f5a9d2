// Help: wrapped once, examples first, the connection's flags last, for every command there is.

import ArgumentParser
import Testing

@testable import TallyCLI

struct HelpPageTests {
    /// Every command by its words.
    private static let commands = walk(Tally.self, [])

    private static func walk(
        _ command: any ParsableCommand.Type,
        _ words: [String]
    ) -> [(words: [String], isGroup: Bool)] {
        let below = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        return [(words, !below.isEmpty)]
            + below.flatMap { walk($0, words + [$0._commandName]) }
    }

    @Test(arguments: [40, 80, 130])
    func everyPageIsWrappedAndBeginsWithExamples(columns: Int) throws {
        #expect(Self.commands.count > 60)
        for command in Self.commands {
            let page = Self.page(command.words, columns)
            let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
            let prose = lines.filter { !$0.hasPrefix("  tally ") && !$0.hasPrefix("    ") }
            #expect(
                prose.allSatisfy { $0.count <= columns || !$0.contains(" ") || $0.hasPrefix("  ") }
            )
            let examples = lines.filter { $0.hasPrefix("  tally ") }
            #expect(examples.count >= 2, "\(command.words)")
            #expect(page.contains("\n\nExamples:\n  tally "), "\(command.words)")
            let headers = lines.filter { $0.hasSuffix(":") && $0 == $0.uppercased()[...] }
            #expect(!headers.contains("CONNECTION:") || headers.last == "CONNECTION:")
        }
    }

    @Test func linesOfTheSourceAreJoinedAndNoneIsLost() {
        let endless = """
            OVERVIEW: Does it.

            Examples:
              tally it   now

            One line of the source
            and the next.

            USAGE: tally it [<options>]

            CONNECTION:
              --db <uri>              The database.

            OPTIONS:
              --a-flag-with-a-long-name <value>
                                      What it does, in many words.
              -h                      Help.

            """
        let page = HelpPage(endless, columns: 44).text
        #expect(
            page == """
                OVERVIEW: Does it.

                Examples:
                  tally it   now

                One line of the source and the next.

                USAGE: tally it [<options>]

                OPTIONS:
                  --a-flag-with-a-long-name <value>
                                          What it does, in
                                          many words.
                  -h                      Help.

                CONNECTION:
                  --db <uri>              The database.

                """
        )
    }

    private static func page(_ words: [String], _ columns: Int) -> String {
        do {
            // Where help is asked for the parser gives a command that shows it by throwing.
            var help = try Tally.parseAsRoot(words + ["--help"])
            try help.run()
            return ""
        } catch {
            let text = Tally.fullMessage(for: error, columns: HelpPage.endless)
            return HelpPage(text, columns: columns).text
        }
    }
}
