// A ledger on a server of its own, for tests that crash it, or look into everything it wrote.

internal import Foundation
package import TallyPostgres
package import Tallystick

/// A ledger on a server that nobody else uses.
package struct DedicatedLedger: Sendable {
    /// The running server.
    package let cluster: PrivateCluster
    /// What is removed at the end: the server's folder, the KEKs and the journal.
    package let directory: String
    /// Where the ledger is.
    package let configuration: LedgerConfiguration
    private let settings: [String: String]

    /// Starts a server, which may lose data when the machine does, and initialises a ledger.
    ///
    /// - Parameter settings: settings of the server beyond those of every private cluster.
    /// - Returns: the ledger, for ``remove()`` when the test is done.
    /// - Throws: what the server or the ledger could not do.
    package static func create(settings: [String: String] = [:]) async throws -> DedicatedLedger {
        let ledger = try await server(settings: settings)
        let admin = try ledger.administrator()
        for name in ["ledger", "keys"] { try admin.execute("CREATE DATABASE \(name)") }
        _ = try await Ledger.initialize(ledger.configuration, origin: "test.example/rounds/1")
        return ledger
    }

    /// Starts a server on which nobody has installed anything; its ledger is not there yet.
    package static func server(settings: [String: String] = [:]) async throws -> DedicatedLedger {
        let directory = "\(try TestCluster.shared.get().scratch)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        return try await start(directory, settings)
    }

    /// The same data under a new server.
    package func restarted() async throws -> DedicatedLedger {
        try await Self.start(directory, settings)
    }

    /// Stops the server and removes everything.
    package func remove() {
        try? cluster.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A superuser's connection to the database `postgres`.
    package func administrator() throws -> Connection {
        try Connection(ConnectionConfiguration(uri: cluster.uri(database: "postgres")))
    }

    private static func start(
        _ directory: String,
        _ settings: [String: String]
    ) async throws -> DedicatedLedger {
        let cluster = try await offPool {
            try PrivateCluster.start(
                PrivateClusterConfiguration(
                    directory: "\(directory)/cluster",
                    settings: settings,
                    durable: false
                )
            )
        }
        return DedicatedLedger(
            cluster: cluster,
            directory: directory,
            configuration: LedgerConfiguration(
                database: cluster.uri(database: "ledger"),
                keys: cluster.uri(database: "keys"),
                kekDirectory: "\(directory)/kek",
                keyJournal: "\(directory)/journal"
            ),
            settings: settings
        )
    }
}

/// Runs what blocks on a thread of its own.
package func offPool<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
