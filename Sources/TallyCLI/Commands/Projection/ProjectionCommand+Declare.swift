// tally projection declare: tables of real columns, as a file says.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

extension ProjectionCommand {
    struct Declare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the tables that a file declares, and fill them from the log.",
            discussion: """
                Examples:
                  tally projection declare tables.yaml --dry-run
                  tally projection declare tables.yaml

                A table that has changed is built beside the one in use, which readers see until
                the new one takes its place. Tables that the file does not name stay as they are;
                tally projection remove drops one. docs/projections.md has a worked example.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "A YAML file with tables.")
        var file: String

        @Option(help: "Pages that are read and opened at a time.")
        var jobs = 2

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let tables = try TableFile(path: file).tables(try text())
            try await ledger.open { ledger in
                let total = try await ledger.tenants().reduce(0) { $0 + $1.eventCount }
                var records: [Record] = []
                var troubled: [TenantID: Problem] = [:]
                for table in tables {
                    let change = try await ledger.projections.difference(table)
                    let report =
                        dryRun || change == .unchanged
                        ? nil : try await build(table, total, ledger)
                    records.append(ProjectionView.declared(table.name, change, report))
                    troubled.merge(report?.troubled ?? [:]) { first, _ in first }
                }
                output.renderer.show(records)
                try await ProjectionView.name(troubled, ledger)
                if dryRun {
                    Talk.say("would build what is new or changed from \(total) events each")
                }
            }
        }

        private func build(
            _ table: TableDefinition,
            _ total: Int,
            _ ledger: Ledger
        ) async throws -> RebuildReport? {
            let meter = ProgressMeter(
                "build \(table.name)",
                total: total,
                unit: "events",
                form: output.progress
            )
            let report = try await ledger.projections.declare(table, jobs: jobs) {
                meter.update($0)
            }
            meter.finish()
            return report
        }

        private func text() throws -> String {
            let bytes = try ByteSource.contents(of: file, limit: TableFile.bytes)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Problem(
                    .invalid,
                    "\(file) is not UTF-8 text",
                    hint: "save it as UTF-8; docs/projections.md has one"
                )
            }
            return text
        }
    }
}
