// Processor time of this process and of PostgreSQL's backends: what an event costs, however busy
// the machine is with other things.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// Processor time in µs.
struct CPUTime {
    let client: Double
    let server: Double

    /// The time that this process and all client backends of its databases have used so far.
    static func now(_ site: BenchmarkSite) async throws -> CPUTime {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        let client = Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1000
        let pids = try await site.administrator.withConnection { connection in
            let rows = try connection.query(
                """
                SELECT pid FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                """
            )
            return try (0..<rows.count).map { try rows.integer($0, 0) }
        }
        return CPUTime(client: client, server: pids.reduce(0) { $0 + backend($1) })
    }

    /// What was used since an earlier reading, for each of `count` events.
    func perEvent(since start: CPUTime, _ count: Int) -> CPUTime {
        CPUTime(
            client: (client - start.client) / Double(count),
            server: (server - start.server) / Double(count)
        )
    }

    /// The first number of schedstat: ns on a processor.
    static func backend(_ pid: Int64) -> Double {
        let text = try? String(contentsOfFile: "/proc/\(pid)/schedstat", encoding: .utf8)
        return (text?.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1000
    }
}
