// What an operator's backups hold of a ledger at one moment: a base backup with its WAL, a dump of
// each database, and a copy of the key journal.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// A directory with backups of one moment.
package struct ClusterCapture: Sendable {
    /// Where it is.
    package let directory: String

    /// The base backup, with the WAL that it needs.
    package var baseBackup: String { "\(directory)/base" }
    /// The texts of the databases.
    package var dumps: String { "\(directory)/dumps" }
    /// The copy of the key journal.
    package var journal: String { "\(directory)/journal" }

    /// Takes the backups; blocks until they are there.
    static func take(_ ledger: DedicatedLedger, as name: String) throws -> ClusterCapture {
        let capture = ClusterCapture(directory: "\(ledger.directory)/captures/\(name)")
        let files = FileManager.default
        try files.createDirectory(atPath: capture.dumps, withIntermediateDirectories: true)
        let cluster = ledger.cluster
        try run(
            cluster,
            "pg_basebackup",
            [
                "--dbname=\(cluster.uri(database: "postgres"))", "--pgdata=\(capture.baseBackup)",
                "--checkpoint=fast", "--wal-method=fetch", "--no-sync",
            ]
        )
        for database in ["ledger", "keys"] {
            try run(
                cluster,
                "pg_dump",
                [
                    "--dbname=\(cluster.uri(database: database))",
                    "--file=\(capture.dumps)/\(database).sql", "--no-unlogged-table-data",
                ]
            )
        }
        try files.copyItem(
            atPath: ledger.configuration.keyJournal,
            toPath: capture.journal
        )
        return capture
    }

    private static func run(
        _ cluster: PrivateCluster,
        _ program: String,
        _ arguments: [String]
    ) throws {
        let result = try CommandResult.run(
            ["\(cluster.binaryDirectory)/\(program)"] + arguments,
            environment: ["LC_ALL": "C.UTF-8"],
            atMost: .seconds(60)
        )
        guard result.status != 0 else { return }
        throw CaptureFailure(description: "\(program) failed: \(result.output)")
    }
}

private struct CaptureFailure: Error, CustomStringConvertible {
    let description: String
}
