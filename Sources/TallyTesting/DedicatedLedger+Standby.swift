// A hot standby of a test's own server, for tests of reading and of failover.

internal import Foundation
package import TallyPostgres

extension DedicatedLedger {
    /// Starts a standby that follows this ledger's server; ``remove()`` removes its data, too.
    ///
    /// - Returns: the running standby, for the test to stop.
    /// - Throws: what the server could not do.
    package func standby() async throws -> PrivateCluster {
        let folder = "\(directory)/standby"
        let source = cluster
        return try await offPool {
            let runtime = try ServerRuntime()
            let place = try ClusterDirectory.prepare(folder, runtime: runtime)
            let copied = try runtime.run(
                [
                    runtime.binaries.program("pg_basebackup"), "-D", place.data, "-R", "-X",
                    "stream",
                    "-c", "fast", "-d", source.uri(database: "postgres"),
                ],
                atMost: .seconds(120)
            )
            guard copied.status == 0 else {
                throw PostgresError(.unexpectedResult, message: copied.output)
            }
            return try PrivateCluster.start(
                PrivateClusterConfiguration(directory: folder, durable: false)
            )
        }
    }

    /// Waits until a standby has replayed everything that this server has written so far.
    package func awaitReplay(on standby: PrivateCluster) async throws {
        let end = try administrator().query("SELECT pg_current_wal_flush_lsn()::text").text(0, 0)
        let follower = try Connection(
            ConnectionConfiguration(uri: standby.uri(database: "postgres"))
        )
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let rows = try follower.query(
                "SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn",
                [.text(end)]
            )
            if try rows.bool(0, 0) { return }
            await Task.yield()
        }
        throw PostgresError(.unexpectedResult, message: "the standby does not follow")
    }
}
