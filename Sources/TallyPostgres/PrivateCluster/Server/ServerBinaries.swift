// Where PostgreSQL's programs are, and of which version.
// Debian keeps them by major version outside PATH; other systems have them on PATH.

import Foundation

/// The installed PostgreSQL that the cluster uses.
package struct ServerBinaries: Sendable {
    /// The folder of Debian's packages, with one folder a major version.
    package static let packagedRoot = "/usr/lib/postgresql"

    /// The folder with `postgres`, `initdb`, `pg_ctl` and `psql`.
    package let directory: String

    /// The version as PostgreSQL numbers it, for example 150013 for 15.13.
    package let version: Int

    /// The major version, for example 15.
    package var major: Int { version / 10_000 }

    /// Returns the absolute path of one program.
    package func program(_ name: String) -> String { "\(directory)/\(name)" }

    /// Finds the newest packaged version, or else the one on the search path; where a folder is
    /// chosen, that one or none.
    package static func find(
        chosen: String? = ProcessInfo.processInfo.environment["TALLY_POSTGRES"],
        root: String = packagedRoot,
        searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(PrivateClusterError) -> ServerBinaries {
        if let chosen, !chosen.isEmpty { return try use(chosen) }
        let onPath = searchPath.split(separator: ":").map(String.init)
        let found = packaged(root) + onPath.filter { $0.hasPrefix("/") }
        for directory in found where isComplete(directory) {
            let version = try version(of: directory)
            guard version < PrivateClusterLimits.minimumMajor * 10_000 else {
                return ServerBinaries(directory: directory, version: version)
            }
        }
        throw PrivateClusterError(
            code: .postgresNotFound,
            message: "No PostgreSQL \(PrivateClusterLimits.minimumMajor) or newer is installed"
                + " under \(root) or on PATH.",
            hint: "Install it: apt-get install postgresql"
        )
    }

    private static func use(_ chosen: String) throws(PrivateClusterError) -> ServerBinaries {
        let version = chosen.hasPrefix("/") && isComplete(chosen) ? try version(of: chosen) : 0
        guard version >= PrivateClusterLimits.minimumMajor * 10_000 else {
            throw PrivateClusterError(
                code: .postgresNotFound,
                message: "TALLY_POSTGRES names no folder with postgres, initdb, pg_ctl of version "
                    + "\(PrivateClusterLimits.minimumMajor) or newer: \(chosen)",
                hint: "give the absolute path of its bin folder, or unset it"
            )
        }
        return ServerBinaries(directory: chosen, version: version)
    }

    /// Parses a line such as `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`.
    package static func parse(version line: String) -> Int? {
        let words = line.split(separator: " ")
        guard words.count >= 3, words[1] == "(PostgreSQL)" else { return nil }
        let parts = words[2].split(separator: ".")
        guard let major = Int(parts[0].prefix { $0.isNumber }) else { return nil }
        let minor = parts.count > 1 ? Int(parts[1].prefix { $0.isNumber }) ?? 0 : 0
        return major * 10_000 + minor
    }

    private static func packaged(_ root: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let majors = names.compactMap { Int($0) }.filter { $0 >= PrivateClusterLimits.minimumMajor }
        return majors.sorted(by: >).map { "\(root)/\($0)/bin" }
    }

    private static func isComplete(_ directory: String) -> Bool {
        ["postgres", "initdb", "pg_ctl"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: "\(directory)/\($0)")
        }
    }

    private static func version(of directory: String) throws(PrivateClusterError) -> Int {
        let command = ["\(directory)/postgres", "--version"]
        let limit = PrivateClusterLimits.command
        let result = try CommandResult.run(command, environment: [:], atMost: limit)
        guard result.status == 0, let version = parse(version: result.output) else {
            throw PrivateClusterError(
                code: .postgresNotFound,
                message: "\(command[0]) does not tell its version: \(result.output)",
                hint: "Reinstall it: apt-get install --reinstall postgresql"
            )
        }
        return version
    }
}
