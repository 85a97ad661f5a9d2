// One private PostgreSQL cluster for a whole test run, with a template that every test clones.

internal import Foundation
package import TallyPostgres
package import TallyStore

/// The cluster that all tests of a process share.
package final class TestCluster: Sendable {
    /// Started by the first test that needs it; it stops with the process.
    package static let shared = Result { try TestCluster() }

    /// The running cluster.
    package let cluster: PrivateCluster
    /// A directory that is removed when the run ends.
    package let scratch: String

    private init() throws {
        scratch = NSTemporaryDirectory() + "tally-tests-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: scratch,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        var configuration = PrivateClusterConfiguration(directory: "\(scratch)/cluster")
        configuration.durable = false
        cluster = try PrivateCluster.start(configuration)
        try Self.prepareTemplates(cluster)
        atexit { TestCluster.end() }
    }

    private static func end() {
        guard let running = try? shared.get() else { return }
        try? running.cluster.stop()
        try? FileManager.default.removeItem(atPath: running.scratch)
    }

    private static func prepareTemplates(_ cluster: PrivateCluster) throws {
        for target in SchemaTarget.allCases {
            let name = "template_\(target.rawValue)"
            try administrator(cluster).execute("CREATE DATABASE \(name)")
            let connection = try Connection(
                ConnectionConfiguration(uri: cluster.uri(database: name))
            )
            _ = try Migrator(target, on: connection).run()
        }
    }

    private static func administrator(_ cluster: PrivateCluster) throws -> Connection {
        try Connection(ConnectionConfiguration(uri: cluster.uri(database: "postgres")))
    }

    /// Creates a database from a migrated template, or an empty one; gives its URI.
    package func createDatabase(template: SchemaTarget?) throws -> String {
        let name = "test_\(UUID().uuidString.replacing("-", with: "").lowercased())"
        let source = template.map { "TEMPLATE template_\($0.rawValue)" } ?? ""
        try Self.administrator(cluster).execute("CREATE DATABASE \(name) \(source)")
        return cluster.uri(database: name)
    }
}
