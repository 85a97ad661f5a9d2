// A ledger as an earlier build left it: dumps of both databases, the KEKs and the journal. Every
// later build must open it.

internal import Foundation
internal import TallyPostgres
package import Tallystick

/// A ledger of an earlier build, loaded for a test and not migrated.
package struct Fixture: Sendable {
    /// A copy of the fixture's folder, with what it holds besides the dumps.
    package let directory: String
    /// Where its ledger is.
    package let configuration: LedgerConfiguration

    /// Loads a folder of Tests/Fixtures into databases of its own.
    ///
    /// - Throws: when psql cannot be run or refuses a dump.
    package init(_ name: String) throws {
        let cluster = try TestCluster.shared.get()
        directory = "\(cluster.scratch)/\(UUID().uuidString)"
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Tests/Fixtures/\(name)").standardized
        try FileManager.default.copyItem(at: source, to: URL(filePath: directory))
        try Self.protect(directory)
        configuration = LedgerConfiguration(
            database: try cluster.createDatabase(template: nil),
            keys: try cluster.createDatabase(template: nil),
            kekDirectory: "\(directory)/kek",
            keyJournal: "\(directory)/journal"
        )
        let psql = "\(cluster.cluster.binaryDirectory)/psql"
        for (dump, uri) in [("ledger", configuration.database), ("keys", configuration.keys)] {
            try Self.load("\(directory)/\(dump).sql.gz", into: uri, with: psql)
        }
    }

    /// Removes the copy of the folder.
    package func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// Keys are refused when others could read them, and no version control keeps that.
    private static func protect(_ directory: String) throws {
        let files = FileManager.default
        for path in try [""] + files.subpathsOfDirectory(atPath: directory) {
            var isFolder: ObjCBool = false
            let full = "\(directory)/\(path)"
            _ = files.fileExists(atPath: full, isDirectory: &isFolder)
            let mode = isFolder.boolValue ? 0o700 : 0o600
            try files.setAttributes([.posixPermissions: mode], ofItemAtPath: full)
        }
    }

    private static func load(_ dump: String, into uri: String, with psql: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", #"gzip -dc "$0" | "$1" -X -q -v ON_ERROR_STOP=1 -d "$2" >/dev/null"#,
            dump, psql, uri,
        ]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NotLoaded(dump: dump) }
    }

    /// psql refused a dump; it has said why.
    private struct NotLoaded: Error {
        let dump: String
    }
}
