// The default without configuration: a private PostgreSQL cluster with both databases, KEKs and
// journal under one directory. For trying out and developing, not for keeping erasure promises.

internal import Foundation
package import TallyPostgres

/// A private cluster with the databases of one ledger.
package struct EmbeddedSite: Sendable {
    /// The running cluster; it stops with this process.
    package let cluster: PrivateCluster
    /// Where the ledger is.
    package let configuration: LedgerConfiguration

    /// Starts the cluster of `directory`, creating it and its databases on first use.
    ///
    /// As root the cluster itself lies under `/var/lib/tallystick`, where the server's
    /// unprivileged user can read it.
    /// - Throws: ``Problem`` `misconfigured` with what to install or stop.
    package static func start(directory: String) async throws(Problem) -> EmbeddedSite {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let home =
                geteuid() == 0
                ? PrivateCluster.defaultDirectory(checkout: path) : "\(path)/postgres"
            let cluster = try PrivateCluster.start(PrivateClusterConfiguration(directory: home))
            for name in ["tally_ledger", "tally_keys"] {
                try await createDatabase(name, in: cluster)
            }
            return EmbeddedSite(
                cluster: cluster,
                configuration: LedgerConfiguration(
                    database: cluster.uri(database: "tally_ledger"),
                    keys: cluster.uri(database: "tally_keys"),
                    kekDirectory: "\(path)/kek",
                    keyJournal: "\(path)/journal"
                )
            )
        } catch let error as PrivateClusterError {
            throw Problem(.misconfigured, error.message, hint: error.hint)
        } catch let error as PostgresError {
            throw Problem(error)
        } catch {
            throw Problem(
                .misconfigured,
                "the directory \(path) cannot be made",
                hint: "choose another one with --data"
            )
        }
    }

    private static func createDatabase(
        _ name: String,
        in cluster: PrivateCluster
    ) async throws {
        let pool = Ledger.pool(cluster.uri(database: "postgres"))
        defer { pool.close() }
        try await pool.withConnection { connection in
            let found = try connection.query(
                "SELECT FROM pg_database WHERE datname = $1",
                [.text(name)]
            )
            if found.count == 0 { try connection.execute("CREATE DATABASE \(name)") }
        }
    }

    /// Deletes the ledger, its keys, KEKs and journal; the cluster stays.
    package func clear() async throws(Problem) {
        do {
            for (uri, schemas) in [
                (configuration.database, "tally, tally_tables"),
                (configuration.keys, "tally_keys"),
            ] {
                let pool = Ledger.pool(uri)
                defer { pool.close() }
                try await pool.withConnection {
                    try $0.execute("DROP SCHEMA IF EXISTS \(schemas) CASCADE")
                }
            }
            for path in [configuration.kekDirectory, configuration.keyJournal]
            where FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
        } catch {
            throw Problem(error)
        }
    }

    /// What programs of this site find in their environment.
    package var environment: [String: String] {
        [
            "TALLY_DB": configuration.database, "TALLY_KEYS": configuration.keys,
            "TALLY_KEK_DIR": configuration.kekDirectory,
            "TALLY_KEY_JOURNAL": configuration.keyJournal,
        ]
    }
}
