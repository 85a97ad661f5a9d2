// Which embedded ledgers there are on this machine: a file for each, beside nobody's ledger.

internal import Foundation
internal import Glibc
package import TallyCore
internal import TallyPostgres

/// The list of embedded ledgers of a user; root's is with the clusters under `/var/lib/tallystick`.
package enum EmbeddedRegistry {
    /// One ledger that was made.
    package struct Entry: Codable, Sendable {
        /// The directory when it was last used.
        package let directory: String
        /// The folder of its cluster.
        package let cluster: String
        var id: String

        /// What has become of it.
        package var state: State {
            let place = (try? EmbeddedPlace.marked(in: directory)) ?? nil
            let hasData = access("\(cluster)/data", F_OK) == 0
            return switch (place?.id == id, hasData) {
            case (false, _): .orphaned
            case (true, false): .incomplete
            case (true, true):
                ServerProcesses(dataDirectory: "\(cluster)/data").postmaster == nil
                    ? .stopped : .running
            }
        }
    }

    /// What has become of a ledger.
    package enum State: String, Sendable {
        case running, stopped
        /// Its directory is there, its databases are not.
        case incomplete
        /// Its databases are there, its directory is not.
        case orphaned
    }

    /// All ledgers of which anything is left, in the order of their directories.
    ///
    /// - Throws: `misconfigured` when there is no place for the list.
    package static func known() throws(Problem) -> [Entry] {
        let folder = try folder()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var entries: [Entry] = []
        for name in names where name.hasSuffix(".json") {
            let text = TextFile.tail(of: "\(folder)/\(name)")
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(text.utf8)),
                name == "\(entry.id).json"
            else { continue }
            if entry.state == .orphaned, access(entry.cluster, F_OK) != 0 {
                unlink("\(folder)/\(name)")
            } else {
                entries.append(entry)
            }
        }
        return entries.sorted { $0.directory < $1.directory }
    }

    /// The entry of a ledger, if there is one.
    static func entry(_ id: String) throws(Problem) -> Entry? {
        try known().first { $0.id == id }
    }

    /// Writes down where a ledger is.
    static func record(_ place: EmbeddedPlace) throws(Problem) {
        let folder = try folder()
        let entry = Entry(directory: place.directory, cluster: place.cluster, id: place.id)
        if geteuid() == 0 { makePassable(EmbeddedPlace.systemRoot) }
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            try JSONEncoder().encode(entry).write(
                to: URL(fileURLWithPath: "\(folder)/\(place.id).json"),
                options: .atomic
            )
        } catch {
            throw Problem(
                .misconfigured,
                "\(folder) cannot be written, so tally dev --list will not know this ledger",
                hint: "set XDG_STATE_HOME to a folder of yours"
            )
        }
    }

    /// Makes a folder through which the servers' user can pass, whatever the umask is.
    static func makePassable(_ path: String) {
        mkdir(path, 0o755)
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o001 == 0 else { return }
        chmod(path, status.st_mode & 0o7777 | 0o011)
    }

    /// Forgets a ledger.
    static func forget(_ id: String) throws(Problem) { unlink("\(try folder())/\(id).json") }

    private static func folder() throws(Problem) -> String {
        guard geteuid() != 0 else { return "\(EmbeddedPlace.systemRoot)/known" }
        let environment = ProcessInfo.processInfo.environment
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            return "\(state)/tallystick"
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw Problem(
                .misconfigured,
                "HOME is not set, so there is no place for the list of ledgers",
                hint: "set HOME or XDG_STATE_HOME"
            )
        }
        return "\(home)/.local/state/tallystick"
    }
}
