// Where the parts of an embedded ledger are: a mark in its directory says so, and that they are
// ours.

internal import Foundation
internal import Glibc
internal import TallyCore
internal import TallyPostgres

/// The directory of an embedded ledger, and the folder of its cluster.
///
/// In the directory are `kek`, `journal`, the mark `tallystick.json` and, wherever PostgreSQL's
/// user can enter it, the cluster in `postgres`. For root it may not be able to; then the cluster
/// is in a folder of ``systemRoot``, which the mark names.
package struct EmbeddedPlace: Sendable {
    /// Where clusters are whose directory the server's user cannot enter.
    package static let systemRoot = "/var/lib/tallystick"
    private static let inside = "postgres"

    /// What the mark says.
    private struct Mark: Codable {
        var id: String
        var cluster: String
        var isComplete: Bool
    }

    /// The canonical path of the directory.
    package let directory: String
    /// A random name of this ledger among those of this machine, 16 hexadecimal digits.
    package let id: String
    /// The folder of the cluster.
    package let cluster: String
    /// Whether everything was made, so that nothing may be missing.
    package let isComplete: Bool

    var keks: String { "\(directory)/kek" }
    var journal: String { "\(directory)/journal" }
    var isInside: Bool { cluster == "\(directory)/\(Self.inside)" }
    private var markFile: String { Self.markFile(directory) }

    private init(directory: String, mark: Mark) {
        self.directory = directory
        id = mark.id
        isComplete = mark.isComplete
        cluster = mark.cluster == Self.inside ? "\(directory)/\(Self.inside)" : mark.cluster
    }

    /// The place of a new ledger in a directory that exists.
    static func new(in directory: String) throws(Problem) -> EmbeddedPlace {
        let id = String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
        do throws(PrivateClusterError) {
            let fits = geteuid() != 0 ? true : try ClusterDirectory.isUsable(inside: directory)
            let cluster = fits ? inside : "\(systemRoot)/\(id)"
            return EmbeddedPlace(
                directory: directory,
                mark: Mark(id: id, cluster: cluster, isComplete: false)
            )
        } catch {
            throw Problem(.misconfigured, error.message, hint: Remedy(error.hint))
        }
    }

    /// The place that the mark of a directory names; `nil` where there is no mark.
    static func marked(in directory: String) throws(Problem) -> EmbeddedPlace? {
        var status = stat()
        guard lstat(markFile(directory), &status) == 0 else { return nil }
        let text = TextFile.tail(of: markFile(directory))
        guard let mark = try? JSONDecoder().decode(Mark.self, from: Data(text.utf8)),
            isValid(mark)
        else {
            throw Problem(
                .misconfigured,
                "\(markFile(directory)) does not say where the ledger's databases are",
                hint: "put the file back as tally wrote it, or choose another directory with --data"
            )
        }
        return EmbeddedPlace(directory: directory, mark: mark)
    }

    /// Whether a directory has parts of a ledger in it, marked or not.
    static func hasParts(_ directory: String) -> Bool {
        ["kek", "journal"].contains { access("\(directory)/\($0)", F_OK) == 0 }
    }

    /// Writes the mark.
    func mark(isComplete: Bool) throws(Problem) {
        let cluster = isInside ? Self.inside : cluster
        let mark = Mark(id: id, cluster: cluster, isComplete: isComplete)
        do {
            try JSONEncoder().encode(mark).write(
                to: URL(fileURLWithPath: markFile),
                options: .atomic
            )
        } catch {
            throw Problem(
                .misconfigured,
                "\(markFile) cannot be written",
                hint: "choose a directory of yours with --data"
            )
        }
    }

    /// Removes the mark, and the directory if it is empty then.
    func unmark() {
        unlink(markFile)
        rmdir(directory)
    }

    /// Refuses to go on with a part of a ledger.
    func requireParts() throws(Problem) {
        guard isComplete else { return }
        let parts = [
            ("databases", "\(cluster)/data/PG_VERSION", cluster), ("KEKs", keks, keks),
            ("key journal", journal, journal),
        ]
        guard let missing = parts.first(where: { access($0.1, F_OK) != 0 }) else { return }
        throw Problem(
            .misconfigured,
            "the \(missing.0) of the ledger in \(directory) are not in \(missing.2)",
            hint: "put that folder back, or start over: tally dev --fresh --data \(directory)"
        )
    }

    /// Only our own folders: whoever can write the mark must not choose what is deleted.
    private static func isValid(_ mark: Mark) -> Bool {
        mark.id.count == 16 && mark.id.allSatisfy { $0.isHexDigit && $0.isASCII }
            && [inside, "\(systemRoot)/\(mark.id)"].contains(mark.cluster)
    }

    private static func markFile(_ directory: String) -> String { "\(directory)/tallystick.json" }
}
