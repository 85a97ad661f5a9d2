// Deleting an embedded ledger: its cluster, its KEKs and its journal, and nothing that is not ours.

internal import Foundation
internal import Glibc
package import TallyCore
internal import TallyPostgres

/// The deletion of one embedded ledger.
package struct EmbeddedRemoval {
    /// The canonical path of the ledger's directory.
    package let directory: String
    private let id: String
    private let cluster: String
    private let place: EmbeddedPlace?

    /// Finds what is to be deleted, and deletes nothing.
    ///
    /// - Throws: `notFound` when the directory is no ledger that was made here; `invalid` when it
    ///   is a symbolic link.
    package init(directory named: String) throws(Problem) {
        let path = Self.canonical(named)
        directory = path
        try Self.refuseLink(path)
        if let place = try EmbeddedPlace.marked(in: path) {
            (id, cluster) = (place.id, place.cluster)
            self.place = place
        } else if let entry = try EmbeddedRegistry.known().first(where: { $0.directory == path }) {
            (id, cluster) = (entry.id, entry.cluster)
            place = nil
        } else {
            throw Problem(
                .notFound,
                "\(path) is no ledger of tally dev or tally demo",
                hint: "tally dev --list shows those that there are"
            )
        }
    }

    /// Deletes the ledger.
    ///
    /// - Returns: the paths in its folders that are left, since the ledger did not make them.
    /// - Throws: `misconfigured` when its server runs, or a folder cannot be deleted.
    package func run() throws(Problem) -> [String] {
        if let place {
            for folder in [place.keks, place.journal] { try Self.refuseLink(folder) }
        }
        var kept: [String]
        do throws(PrivateClusterError) {
            kept = try ClusterRemoval.remove(cluster)
        } catch {
            throw Problem(.misconfigured, error.message, hint: Remedy(error.hint))
        }
        if let place {
            kept += try Self.empty(place.keks) + Self.empty(place.journal)
            place.unmark()
        }
        try EmbeddedRegistry.forget(id)
        return kept
    }

    /// Removes the files that begin with the id of a ledger, as all of ours do.
    private static func empty(_ folder: String) throws(Problem) -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        let ours = /[0-9a-f]{32}-.*/
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            for name in names where name.wholeMatch(of: ours) != nil {
                guard unlink("\(folder)/\(name)") == 0 else { throw CocoaError(.fileWriteUnknown) }
            }
            let left = names.filter { $0.wholeMatch(of: ours) == nil }
            if left.isEmpty { rmdir(folder) }
            return left.map { "\(folder)/\($0)" }
        } catch {
            throw Problem(
                .misconfigured,
                "\(folder) cannot be emptied",
                hint: "check who owns it, then try again"
            )
        }
    }

    private static func refuseLink(_ path: String) throws(Problem) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return }
        throw Problem(
            .invalid,
            "\(path) is a symbolic link, and what it leads to is not deleted",
            hint: "name the directory itself"
        )
    }

    /// The path with the links of its parents resolved, but not its own.
    private static func canonical(_ named: String) -> String {
        let path = URL(fileURLWithPath: named).standardizedFileURL
        let parent = path.deletingLastPathComponent().path
        guard let resolved = realpath(parent, nil) else { return path.path }
        defer { free(resolved) }
        let folder = String(cString: resolved)
        return (folder == "/" ? "" : folder) + "/" + path.lastPathComponent
    }
}
