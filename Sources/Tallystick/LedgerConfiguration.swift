// Where a ledger's parts are: two databases, the KEKs and the key journal.

public import Logging
package import TallyCore
package import TallyPostgres
package import TallyVault

/// Where a ledger and its keys live.
///
/// For the erasure of a key to mean anything the key store must not share a cluster, and the
/// KEKs must not share a device, with the ledger; `tally doctor` says how far that is so.
public struct LedgerConfiguration: Sendable {
    /// The ledger's database, a libpq URI.
    public var database: String
    /// The key store's database, a libpq URI.
    public var keys: String
    /// Where the key-encryption keys are.
    public var keks: KEKLocation
    /// The directory of the key journal, on another device than the key store.
    public var keyJournal: String
    /// How many lanes write: more pays on disks that sync fast, one is best on slow ones.
    public var lanes = 2

    /// How long a database that is lost is waited for: what was not sent to it waits so long, and
    /// then fails as `unavailable`.
    public var connectPatience = Duration.seconds(30)
    /// How this program is called in `pg_stat_activity`.
    public var applicationName = "tallystick"

    /// How often ``KeyService`` changes the key epoch; old copies of destroyed keys live that long
    /// at most, and ``keyBackupRetention`` longer.
    public var keyEpoch = VaultLimits.keyEpoch
    /// How long the KEK of an old epoch lives on: 0 to 28 days.
    ///
    /// So long an older copy of the key store can still be opened. With more than 0, what was
    /// erased is not unreadable within a day.
    public var keyBackupRetention = Duration.zero
    /// How long backups of the ledger's database are kept; an erasure is final once they are gone.
    ///
    /// With 29 days one that is purged within a day of its request is final within 30.
    public var backupRetention = Duration.seconds(29 * 24 * 3600)

    /// Collections that no restore rewinds, such as those of consents and objections; the
    /// collections in them are meant too.
    public var neverRewind: [String] = []

    /// Where background work says what went wrong; never payloads, names or keys.
    public var logger = Logger(label: "tallystick")

    /// The clock, µs since 1970.
    package var clock: @Sendable () -> UInt64 = { Micros.now() }
    /// What ``clock`` says now.
    package var now: Instant { Instant(micros: clock()) }
    /// The KEKs' provider; that of ``keks`` but in tests.
    package var provider:
        @Sendable (LedgerConfiguration, LedgerID) throws(VaultError) -> any KEKProvider =
            { (configuration, ledger) throws(VaultError) in
                try configuration.keks.provider(of: ledger)
            }

    /// The directory of a ledger whose KEKs are files, as those of tests are; else empty.
    package var kekDirectory: String {
        get {
            guard case .files(let directory) = keks else { return "" }
            return directory
        }
        set { keks = .files(directory: newValue) }
    }

    /// Names the four places.
    ///
    /// - Parameters:
    ///   - database: a libpq URI, e.g. `postgresql:///ledger`.
    ///   - keys: a libpq URI of another database, ideally in another cluster.
    ///   - keks: where the key-encryption keys are.
    ///   - keyJournal: a directory for one append-only file an epoch.
    public init(database: String, keys: String, keks: KEKLocation, keyJournal: String) {
        self.database = database
        self.keys = keys
        self.keks = keks
        self.keyJournal = keyJournal
    }

    /// Names the four places of a ledger whose KEKs are files.
    ///
    /// - Parameters:
    ///   - database: a libpq URI, e.g. `postgresql:///ledger`.
    ///   - keys: a libpq URI of another database, ideally in another cluster.
    ///   - kekDirectory: a directory for one 0600 file an epoch.
    ///   - keyJournal: a directory for one append-only file an epoch.
    public init(database: String, keys: String, kekDirectory: String, keyJournal: String) {
        self.init(
            database: database,
            keys: keys,
            keks: .files(directory: kekDirectory),
            keyJournal: keyJournal
        )
    }
}

extension LedgerConfiguration {
    /// Connections to the ledger's database.
    package func connection(role: String? = nil) -> ConnectionConfiguration {
        connection(to: database, role: role)
    }

    /// A few connections to the ledger's database.
    ///
    /// With `namesBlockers` whoever waits too long for a lock is told for whom.
    package func pool(role: String? = nil, namesBlockers: Bool = false) -> ConnectionPool {
        ConnectionPool(
            connection(role: role),
            size: Self.poolSize,
            namesBlockers: namesBlockers
        )
    }

    /// A few connections to the key store's database.
    package func keysPool() -> ConnectionPool {
        ConnectionPool(connection(to: keys, role: nil), size: Self.poolSize)
    }

    private static let poolSize = 4

    private func connection(to uri: String, role: String?) -> ConnectionConfiguration {
        var connection = ConnectionConfiguration(uri: uri, role: role)
        connection.patience = connectPatience
        connection.applicationName = applicationName
        return connection
    }
}
