// What was typed and could not be understood, in the words that every other error has.

internal import ArgumentParser
internal import TallyReplay

/// A usage error as the parser found it.
struct UsageError {
    /// What is wrong.
    let message: String
    /// What to do about it.
    let hint: String

    /// Takes an error of the parser apart.
    ///
    /// - Parameters:
    ///   - error: what the parser threw.
    ///   - arguments: what was typed behind the command's own name.
    init(_ error: any Error, _ arguments: [String]) {
        if let unknown = Self(unknownCommandIn: arguments) {
            self = unknown
            return
        }
        let name = Self.command(arguments).path.map { $0._commandName }.joined(separator: " ")
        // What the parser says about a flag stands in a line of its own.
        let about = Tally.fullMessage(for: error, columns: HelpPage.endless)
            .split(separator: "\n").first { $0.hasPrefix("Help:") }
            .map { $0.dropFirst(5).split(separator: " ").joined(separator: " ") + " " }
        message = Tally.message(for: error)
        hint = (about ?? "") + "\(name) --help"
    }

    /// The error of a word that should be a command and is none; `nil` where all are.
    init?(unknownCommandIn arguments: [String]) {
        let (path, unknown) = Self.command(arguments)
        guard let unknown, let parent = path.last else { return nil }
        let name = path.map { $0._commandName }.joined(separator: " ")
        let names = parent.configuration.subcommands.map { $0._commandName }
        let meant = Nearest.word(to: unknown, in: names).map { "did you mean \(name) \($0)? " }
        message = "there is no command \(name) \(unknown)"
        hint = "\(meant ?? "")there are \(names.joined(separator: ", "))"
    }

    /// The commands that the first words name, and the word that should have named a subcommand.
    private static func command(
        _ arguments: [String]
    ) -> (path: [any ParsableCommand.Type], unknown: String?) {
        var path: [any ParsableCommand.Type] = [Tally.self]
        for word in arguments.drop(while: { $0 == "help" }) {
            let subcommands = path.last?.configuration.subcommands ?? []
            guard !subcommands.isEmpty, !word.hasPrefix("-") else { break }
            guard let next = subcommands.first(where: { $0._commandName == word }) else {
                return (path, word)
            }
            path.append(next)
        }
        return (path, nil)
    }
}
