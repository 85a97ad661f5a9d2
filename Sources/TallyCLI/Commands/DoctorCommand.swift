// tally doctor: whether the promises about keys and erasures rest on solid ground.

internal import ArgumentParser
internal import Tallystick

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine where keys live, what is logged, and what is overdue.",
        discussion: """
            Examples:
              tally doctor
              tally doctor -o json

            Changes nothing. Exit code 9 when a promise is not kept; what is only weaker than it
            could be is shown and does not count.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let findings = try await ledger.open { try await Doctor($0).examine() }
        output.renderer.show(
            findings.map { finding in
                Record([
                    ("topic", .text(finding.topic)), ("state", .text(finding.state.rawValue)),
                    ("found", .text(finding.found)), ("do", .text(finding.advice)),
                ])
            }
        )
        if findings.contains(where: { $0.state == .failing }) { throw ExitStatus(code: 9) }
    }
}
