// Where figures were measured: without that, nobody can compare them with others.

internal import Foundation
internal import TallyPostgres

/// The build, the machine and the server.
struct BenchmarkPlace: Codable {
    let commit: String
    let date: String
    let processor: String
    let cores: Int
    let gibibytes: Int
    let postgres: String

    /// Looks around; the commit comes from whoever built it.
    static func here(_ site: BenchmarkSite) async throws -> BenchmarkPlace {
        let version = try await site.administrator.withConnection { connection in
            try connection.query("SELECT current_setting('server_version')").text(0, 0)
        }
        let cpus = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let model = cpus?.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }
        let information = ProcessInfo.processInfo
        return BenchmarkPlace(
            commit: information.environment["BENCH_COMMIT"] ?? "unknown",
            date: String(Date.now.ISO8601Format().prefix(10)),
            processor: model?.trimmingCharacters(in: .whitespaces) ?? "unknown",
            cores: information.activeProcessorCount,
            gibibytes: Int(information.physicalMemory >> 30),
            postgres: version
        )
    }
}
