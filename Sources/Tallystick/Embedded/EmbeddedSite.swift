// The default without configuration: a private PostgreSQL cluster with both databases, KEKs and
// journal under one directory. For trying out and developing, not for keeping erasure promises.

internal import Foundation
internal import Glibc
package import TallyCore
package import TallyPostgres

/// A private cluster with a ledger in it.
package struct EmbeddedSite: Sendable {
    /// Where its parts are.
    package let place: EmbeddedPlace
    /// The running cluster; it stops with this process.
    package let cluster: PrivateCluster
    /// Where the ledger is.
    package let configuration: LedgerConfiguration
    /// What a person should know about it, in one line.
    package let notice: String?

    /// Starts the ledger of `directory`, creating it on first use.
    ///
    /// - Parameters:
    ///   - directory: where it is; made where it does not exist.
    ///   - origin: the name under which heads of a new ledger will be published.
    ///   - isFresh: whether to delete the ledger that is there first.
    /// - Returns: the running ledger.
    /// - Throws: ``Problem`` `misconfigured` with what to install, to stop or to put back. A
    ///   directory with parts of a ledger that was not made here, or of which a part is missing, is
    ///   left alone.
    package static func start(
        directory: String,
        origin: String,
        isFresh: Bool = false
    ) async throws(Problem) -> EmbeddedSite {
        let path = try make(directory)
        var found = try EmbeddedPlace.marked(in: path)
        if isFresh, found != nil {
            _ = try EmbeddedRemoval(directory: path).run()
            _ = try make(directory)
            found = nil
        }
        let place = if let found { found } else { try begin(path) }
        try place.requireParts()
        try refuseCopy(place)
        let notice = remember(place, isNew: found == nil)
        return try await start(place, origin: origin, notice: notice)
    }

    private static func start(
        _ place: EmbeddedPlace,
        origin: String,
        notice: String?
    ) async throws(Problem) -> EmbeddedSite {
        do {
            let cluster = try PrivateCluster.start(
                PrivateClusterConfiguration(directory: place.cluster)
            )
            for name in ["tally_ledger", "tally_keys"] {
                try await createDatabase(name, in: cluster)
            }
            let site = EmbeddedSite(
                place: place,
                cluster: cluster,
                configuration: LedgerConfiguration(
                    database: cluster.uri(database: "tally_ledger"),
                    keys: cluster.uri(database: "tally_keys"),
                    kekDirectory: place.keks,
                    keyJournal: place.journal
                ),
                notice: notice
            )
            _ = try await Ledger.initialize(site.configuration, origin: origin)
            if !place.isComplete { try place.mark(isComplete: true) }
            return site
        } catch let error as PrivateClusterError {
            throw Problem(.misconfigured, error.message, hint: Remedy(error.hint))
        } catch {
            throw Problem(error)
        }
    }

    /// Stops the cluster; the data stays.
    ///
    /// - Throws: `misconfigured` when the server does not go away.
    package func stop() throws(Problem) {
        do throws(PrivateClusterError) {
            try cluster.stop()
        } catch {
            throw Problem(.misconfigured, error.message, hint: Remedy(error.hint))
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

    /// Makes the directory where it is missing; for root the server's user may pass through it.
    private static func make(_ directory: String) throws(Problem) -> String {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        do {
            if access(path, F_OK) != 0 {
                try FileManager.default.createDirectory(
                    atPath: path,
                    withIntermediateDirectories: true
                )
                guard chmod(path, geteuid() == 0 ? 0o711 : 0o700) == 0 else {
                    throw CocoaError(.fileWriteNoPermission)
                }
            }
            guard let resolved = realpath(path, nil) else { throw CocoaError(.fileNoSuchFile) }
            defer { free(resolved) }
            return String(cString: resolved)
        } catch {
            throw Problem(
                .misconfigured,
                "the directory \(path) cannot be made",
                hint: "choose another one with --data"
            )
        }
    }

    private static func begin(_ directory: String) throws(Problem) -> EmbeddedPlace {
        guard !EmbeddedPlace.hasParts(directory) else {
            throw Problem(
                .misconfigured,
                "\(directory) holds keys or a key journal of a ledger that this tally did not make",
                hint: "choose another directory with --data, or move kek and journal away"
            )
        }
        let place = try EmbeddedPlace.new(in: directory)
        try place.mark(isComplete: false)
        return place
    }

    /// Two directories with keys and one cluster would drift apart.
    private static func refuseCopy(_ place: EmbeddedPlace) throws(Problem) {
        guard !place.isInside, let entry = try EmbeddedRegistry.entry(place.id),
            entry.directory != place.directory,
            let other = try EmbeddedPlace.marked(in: entry.directory), other.id == place.id
        else { return }
        throw Problem(
            .misconfigured,
            "\(place.directory) is a copy of \(entry.directory), and the databases of both would "
                + "be "
                + place.cluster,
            hint: "use --data \(entry.directory), or remove the copy"
        )
    }

    /// Puts the ledger on the list; says where the databases of a new one are, if not in its
    /// directory.
    private static func remember(_ place: EmbeddedPlace, isNew: Bool) -> String? {
        do throws(Problem) {
            try EmbeddedRegistry.record(place)
        } catch {
            return error.message
        }
        guard isNew, !place.isInside else { return nil }
        return "the databases are in \(place.cluster), since PostgreSQL's user cannot enter "
            + place.directory
    }

    private static func createDatabase(
        _ name: String,
        in cluster: PrivateCluster
    ) async throws {
        let pool = ConnectionPool(
            ConnectionConfiguration(uri: cluster.uri(database: "postgres")),
            size: 1
        )
        defer { pool.close() }
        try await pool.withConnection { connection in
            let found = try connection.query(
                "SELECT FROM pg_database WHERE datname = $1",
                [.text(name)]
            )
            if found.count == 0 { try connection.execute("CREATE DATABASE \(name)") }
        }
    }
}
