// tally completion: scripts with which shells complete commands, flags and names.

internal import ArgumentParser

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a script with which a shell completes what you type.",
        discussion: """
            Examples:
              tally completion bash > ~/.local/share/bash-completion/completions/tally
              tally completion zsh > ~/.zfunc/_tally

            For fish it belongs into ~/.config/fish/completions/tally.fish. Names of tenants and
            projections are asked for with tally itself, so the shell needs what a command needs
            to find the ledger.
            """
    )

    /// The shells that are known.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() {
        let known: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Page.line(Tally.completionScript(for: known))
    }
}

extension CompletionKind {
    /// The names of tenants, as far as whoever types may read them.
    static var tenant: CompletionKind {
        .shellCommand("tally tenant list --limit 10000 -o id 2>/dev/null")
    }

    /// The names of projections.
    static var projection: CompletionKind {
        .shellCommand("tally projection list --limit 10000 -o id 2>/dev/null")
    }
}
