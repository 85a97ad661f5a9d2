// Forgets requests that nobody will retry any more, so that their table does not grow for ever.

package import Logging
package import TallyCore
package import TallyPostgres

/// Deletes request rows older than 30 days, once an hour while a ledger is written.
package final class RequestPruner: Sendable {
    private let task: Task<Void, Never>

    /// Starts with a pause, so that short commands never prune.
    ///
    /// - Parameters:
    ///   - configuration: where the ledger is; the role becomes tally_writer.
    ///   - logger: gets what went wrong.
    package init(configuration: ConnectionConfiguration, logger: Logger) {
        task = Task.detached(priority: .background) {
            while (try? await Task.sleep(for: StoreLimits.prunePause)) != nil {
                await Self.run(configuration, logger)
            }
        }
    }

    /// Ends it; a deletion that runs is still finished.
    package func close() async {
        task.cancel()
        await task.value
    }

    private static func run(_ configuration: ConnectionConfiguration, _ logger: Logger) async {
        var writer = configuration
        writer.role = "tally_writer"
        let pool = ConnectionPool(writer, size: 1)
        defer { pool.close() }
        do {
            var count = 0
            while case let rows = try await prune(pool), rows > 0 { count += rows }
            logger.debug("pruned request rows", metadata: ["rows": "\(count)"])
        } catch {
            logger.warning("request rows were not pruned", metadata: ["error": "\(error)"])
        }
    }

    /// Prunes the oldest day and gives the number of rows; 0 when none is left.
    package static func prune(_ pool: ConnectionPool) async throws(Problem) -> Int {
        try await Session(pool: pool).run { connection in
            Int(try connection.query("SELECT tally.prune_requests()").integer(0, 0))
        }
    }
}
