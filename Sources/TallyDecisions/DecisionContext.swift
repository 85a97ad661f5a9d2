// What decisions need of the open ledger that they are about: its connections by role, its keys,
// its clock, and what its owner has set.

package import Logging
package import TallyCore
package import TallyPostgres
internal import TallyReplay
package import TallyStore
package import TallyVault

/// An open ledger, as those see it who decide and carry out.
package struct DecisionContext: Sendable {
    package let row: LedgerRow
    /// The tenant of slot 0.
    package let ownTenant: TenantID
    package let vault: Vault
    package let registry: TenantRegistry
    package let pools: DecisionPools
    package let settings: DecisionSettings
    package let logger: Logger
    /// The logs that this process has checked.
    package let logs: DecisionLogs

    /// Collects the parts of an open ledger.
    package init(
        row: LedgerRow,
        ownTenant: TenantID,
        vault: Vault,
        registry: TenantRegistry,
        pools: DecisionPools,
        settings: DecisionSettings,
        logger: Logger,
        logs: DecisionLogs
    ) {
        self.row = row
        self.ownTenant = ownTenant
        self.vault = vault
        self.registry = registry
        self.pools = pools
        self.settings = settings
        self.logger = logger
        self.logs = logs
    }

    /// What the clock says now, µs since 1970.
    var now: UInt64 { settings.clock() }

    /// The built-in projections and tables.
    var projections: ProjectionRunner {
        ProjectionRunner(
            readers: pools.readers,
            projectors: pools.projectors,
            vault: vault,
            logger: logger
        )
    }

    /// A lane that may write to a frozen tenant while a restore of it is applied.
    package func restoring(_ restore: DecisionID) -> Appender {
        var database = pools.database
        database.settings["tally.purpose"] = "restore:\(restore.hex)"
        return Appender(configuration: database, lanes: 1, vault: vault, clock: settings.clock)
    }

    /// The blind tag of a subject's name.
    ///
    /// - Throws: `invalid` for a name that no event could have.
    package func subjectTag(
        _ subject: String,
        of tenant: TenantID
    ) async throws(Problem) -> BlindTag {
        try EventCheck.subject(subject)
        do throws(VaultError) {
            return try await vault.indexKey(tenant).tag(.subject, subject)
        } catch {
            throw Problem(error)
        }
    }
}

/// Connections to a ledger, each pool under the role that it is named after.
package struct DecisionPools: Sendable {
    /// How the ledger's database is reached, under the role of the login itself.
    let database: ConnectionConfiguration
    let readers: ConnectionPool
    let projectors: ConnectionPool
    let operators: ConnectionPool
    let executors: ConnectionPool
    /// To the key store.
    let keys: ConnectionPool

    /// Collects the pools of a ledger.
    package init(
        database: ConnectionConfiguration,
        readers: ConnectionPool,
        projectors: ConnectionPool,
        operators: ConnectionPool,
        executors: ConnectionPool,
        keys: ConnectionPool
    ) {
        self.database = database
        self.readers = readers
        self.projectors = projectors
        self.operators = operators
        self.executors = executors
        self.keys = keys
    }

    /// A connection for one piece of work, which closes it.
    ///
    /// With `namesBlockers` whoever waits too long for a lock is told for whom.
    func pool(role: String? = nil, namesBlockers: Bool = false) -> ConnectionPool {
        var configuration = database
        configuration.role = role
        return ConnectionPool(configuration, size: 1, namesBlockers: namesBlockers)
    }
}

/// What a ledger's owner has set about decisions.
package struct DecisionSettings: Sendable {
    /// µs since 1970.
    let clock: @Sendable () -> UInt64
    /// Collections that no restore rewinds.
    let neverRewind: [String]
    /// How long backups of the ledger's database are kept.
    let backupRetention: Duration
    /// How long the KEK of an old epoch lives on.
    let keyBackupRetention: Duration

    /// Collects the settings.
    package init(
        clock: @escaping @Sendable () -> UInt64,
        neverRewind: [String],
        backupRetention: Duration,
        keyBackupRetention: Duration
    ) {
        self.clock = clock
        self.neverRewind = neverRewind
        self.backupRetention = backupRetention
        self.keyBackupRetention = keyBackupRetention
    }
}
