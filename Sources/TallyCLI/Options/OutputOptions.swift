// The flags that every command shares: the form of its data, and of its progress.

internal import ArgumentParser

/// How a command shows its data.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The form of the data on stdout: table, json, jsonl, csv or id."
    )
    var output = OutputForm.table

    @Option(help: "Progress on stderr: auto (on a terminal), json or none.")
    var progress = ProgressForm.auto

    @Flag(help: "Let a table be wider than the terminal, with all its columns.")
    var wide = false

    /// The renderer of the chosen form.
    var renderer: Renderer { Renderer(form: output, isWide: wide) }

    /// Says on stderr where a list goes on that ended at its limit; as JSON where the data is.
    func more(_ next: String?) {
        guard let next else { return }
        switch output {
        case .json, .jsonl: Talk.say("{\"more\":{\"after\":\(Record.quote(next))}}")
        case .table, .csv, .id: Talk.say("more: --after \(next)")
        }
    }
}
