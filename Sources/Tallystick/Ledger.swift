// The facade: opens a ledger's databases and keys and hands out its tenants.

internal import Synchronization
public import TallyCore
package import TallyPostgres
package import TallyReplay
package import TallyStore
package import TallyVault

/// A ledger: many tenants, each with a log of its own.
///
/// ```swift
/// let ledger = try await Ledger.open(configuration)
/// let acme = try await ledger.tenant(named: "acme")
/// let receipt = try await acme.append(
///     .put("crm/contact/42", type: "contact.created", data: #"{"stage":"lead"}"#),
///     expecting: .noStream, actor: "user:17")
/// await ledger.close()
/// ```
///
/// One `Ledger` serves a whole process and any number of tasks.
public final class Ledger: Sendable {
    package let configuration: LedgerConfiguration
    package let row: LedgerRow
    package let vault: Vault
    package let registry: TenantRegistry
    package let readers: ConnectionPool
    package let projectors: ConnectionPool
    package let operators: ConnectionPool
    package let executors: ConnectionPool
    let writers: ConnectionPool
    let keyStore: ConnectionPool
    /// Connections that see table projections, and nothing else.
    let tableReaders: ConnectionPool
    /// The tenant of slot 0.
    package let ownTenant: TenantID
    private let decisionLogs = DecisionLogs()
    private let writing = Mutex(Writing.idle)
    private let permitted = Mutex<[ProcessingPurpose: Appender]>([:])
    private let listening = Mutex<(listener: AppendListener?, isClosed: Bool)>((nil, false))

    /// What has become of the lanes.
    private enum Writing {
        case idle
        case running(Appender)
        case closed
    }

    init(
        _ configuration: LedgerConfiguration,
        row: LedgerRow,
        ledgerTenant: TenantID
    ) throws(VaultError) {
        self.configuration = configuration
        self.row = row
        ownTenant = ledgerTenant
        readers = configuration.pool(role: "tally_reader")
        projectors = configuration.pool(role: "tally_projector", namesBlockers: true)
        operators = configuration.pool(role: "tally_operator")
        executors = configuration.pool(role: "tally_executor", namesBlockers: true)
        writers = configuration.pool(role: "tally_writer")
        keyStore = configuration.keysPool()
        tableReaders = configuration.pool(role: "tally_table_reader")
        vault = try Self.vault(configuration, ledger: row.id, keys: keyStore)
        registry = TenantRegistry(
            reader: readers,
            operators: operators,
            vault: vault,
            ledgerTenant: ledgerTenant
        )
    }

    /// Opens an initialised ledger.
    ///
    /// - Throws: `misconfigured` when a schema is missing, of an earlier or a newer build, or when
    ///   the ledger was not initialised; `unavailable` when a database cannot be reached.
    public static func open(
        _ configuration: LedgerConfiguration
    ) async throws(Problem) -> Ledger {
        do {
            try await LedgerSchema.requireCurrent(configuration)
            let pool = configuration.pool(role: "tally_reader")
            defer { pool.close() }
            let found = try await pool.withConnection { connection in
                (try TenantQuery.ledger(connection), try TenantQuery.ledgerTenant(connection))
            }
            guard let row = found.0, let tenant = found.1 else { throw notInitialised }
            return try Ledger(configuration, row: row, ledgerTenant: tenant)
        } catch {
            throw Problem(error)
        }
    }

    /// Installs both schemas and creates the ledger; an existing one is left as it is.
    ///
    /// - Parameters:
    ///   - configuration: where both databases, the KEKs and the journal are.
    ///   - origin: the name under which heads will be published, 1 to 255 letters, digits and
    ///     `. _ : / -`.
    ///   - hasSingleOperator: whether one person may decide alone about erasures and the like. It
    ///     cannot be changed later, and every certificate shows it.
    /// - Returns: whether the ledger was created now.
    /// - Throws: `misconfigured` or `unavailable`; calling it again is safe.
    public static func initialize(
        _ configuration: LedgerConfiguration,
        origin: String,
        hasSingleOperator: Bool = false
    ) async throws(Problem) -> Bool {
        let ledger = configuration.pool()
        let keys = configuration.keysPool()
        defer {
            ledger.close()
            keys.close()
        }
        do {
            let isFounded = try await ledger.withConnection { try TenantQuery.isFounded($0) }
            try await LedgerSchema.install(configuration, isFounded: isFounded)
            guard !isFounded else { return false }
            let vault = try vault(configuration, ledger: .random(), keys: keys)
            try await LedgerBirth.create(
                origin: origin,
                hasSingleOperator: hasSingleOperator,
                vault: vault,
                pool: ledger
            )
            return true
        } catch let problem as Problem where problem.code == .invalid {
            // Another process may have been faster.
            guard (try? await ledger.withConnection { try TenantQuery.isFounded($0) }) == true
            else { throw problem }
            return false
        } catch {
            throw Problem(error)
        }
    }

    /// The tenant of that name.
    ///
    /// - Throws: `notFound` when there is none.
    public func tenant(named name: String) async throws(Problem) -> Tenant {
        Tenant(ledger: self, name: name, id: try await registry.find(name).id)
    }

    /// Creates a tenant with keys and a log of its own.
    ///
    /// - Parameters:
    ///   - name: 1 to 255 bytes in Unicode's form NFC, without spaces and whatever is not seen.
    ///   - region: up to 63 characters of a-z, 0-9 and -; written into the genesis event.
    ///   - owners: the keys of those to whom the data belongs, at most 16: they decide on erasure
    ///     without this ledger's operators. Nobody can be added in this way later.
    ///   - quorum: how many owners a decision needs, 1 or 2.
    /// - Returns: the new tenant.
    /// - Throws: `invalid` when the name is taken or not allowed.
    public func createTenant(
        named name: String,
        region: String = "",
        owners: [SignerKey] = [],
        quorum: Int = 1
    ) async throws(Problem) -> Tenant {
        let created = try await registry.create(
            name,
            region: region,
            owners: owners,
            quorum: quorum
        )
        return Tenant(ledger: self, name: name, id: created.id)
    }

    /// Answers every accepted append, then ends all connections; later calls are refused.
    public func close() async {
        let before = writing.withLock { writing in
            defer { writing = .closed }
            return writing
        }
        if case .running(let appender) = before { await appender.close() }
        for appender in permitted.withLock({ $0.values.map { $0 } }) { await appender.close() }
        let listener = listening.withLock { listening in
            listening.isClosed = true
            return listening.listener
        }
        listener?.close()
        for pool in [readers, projectors, operators, executors, writers, keyStore, tableReaders] {
            pool.close()
        }
    }

    /// What wakes readers and projections when something was stored; started when it is needed.
    ///
    /// - Throws: `unavailable` after ``close()``.
    package func listener() throws(Problem) -> AppendListener {
        let listener = listening.withLock { listening -> AppendListener? in
            guard !listening.isClosed else { return nil }
            let listener =
                listening.listener
                ?? AppendListener(
                    configuration: configuration.connection(role: "tally_reader")
                )
            listening.listener = listener
            return listener
        }
        guard let listener else { throw Self.closed }
        return listener
    }

    /// The built-in projections and those of the application.
    package func projectionRunner(_ own: [any Projection] = []) -> ProjectionRunner {
        ProjectionRunner(
            readers: readers,
            projectors: projectors,
            vault: vault,
            own: own.map { OwnProjection($0, projectors: projectors) },
            logger: configuration.logger
        )
    }

    /// The lanes, started at the first append.
    ///
    /// - Throws: `unavailable` after ``close()``.
    package func lanes() throws(Problem) -> Appender {
        let appender = writing.withLock { writing -> Appender? in
            switch writing {
            case .closed: return nil
            case .running(let appender): return appender
            case .idle:
                let database = configuration.connection()
                let started = Appender(
                    configuration: database,
                    lanes: configuration.lanes,
                    vault: vault,
                    clock: configuration.clock
                )
                writing = .running(started)
                return started
            }
        }
        guard let appender else { throw Self.closed }
        return appender
    }

    /// The lanes for a tenant's callers; with a purpose those that a restricted tenant lets
    /// through.
    ///
    /// - Throws: `forbidden` for the ledger's own tenant, whose log only the ledger writes.
    func lanes(
        for tenant: Tenant,
        _ purpose: ProcessingPurpose? = nil
    ) throws(Problem) -> Appender {
        try requireCallers(of: tenant)
        let common = try lanes()
        guard let purpose else { return common }
        return permitted.withLock { permitted in
            let appender = permitted[purpose] ?? purposeful(purpose)
            permitted[purpose] = appender
            return appender
        }
    }

    /// Refuses the ledger's own tenant, whose log only the ledger writes.
    func requireCallers(of tenant: Tenant) throws(Problem) {
        guard tenant.id != ownTenant else {
            throw Problem(
                .forbidden,
                "the ledger's own log takes no events of callers",
                hint: "name a tenant of your own"
            )
        }
    }

    /// A lane whose connection names the purpose: few events need one, so one lane is enough.
    private func purposeful(_ purpose: ProcessingPurpose) -> Appender {
        var database = configuration.connection()
        database.settings["tally.purpose"] = purpose.rawValue
        return Appender(
            configuration: database,
            lanes: 1,
            vault: vault,
            clock: configuration.clock
        )
    }

    /// This ledger as those see it who decide and carry out.
    package var decisionContext: DecisionContext {
        DecisionContext(
            row: row,
            ownTenant: ownTenant,
            vault: vault,
            registry: registry,
            pools: DecisionPools(
                database: configuration.connection(),
                readers: readers,
                projectors: projectors,
                operators: operators,
                executors: executors,
                keys: keyStore
            ),
            settings: DecisionSettings(
                clock: configuration.clock,
                neverRewind: configuration.neverRewind,
                backupRetention: configuration.backupRetention,
                keyBackupRetention: configuration.keyBackupRetention
            ),
            logger: configuration.logger,
            logs: decisionLogs
        )
    }

    /// Connections of role tally_auditor for a verifier of `jobs` ranges at a time.
    package func auditors(jobs: Int) -> ConnectionPool {
        ConnectionPool(configuration.connection(role: "tally_auditor"), size: jobs)
    }

    private static func vault(
        _ configuration: LedgerConfiguration,
        ledger: LedgerID,
        keys: ConnectionPool
    ) throws(VaultError) -> Vault {
        Vault(
            ledger: ledger,
            store: KeyStore(pool: keys),
            provider: try configuration.provider(configuration, ledger),
            journal: try KeyJournal(directory: configuration.keyJournal, ledger: ledger)
        )
    }

    private static let closed = Problem(
        .unavailable,
        "the ledger was closed",
        hint: "open it again"
    )
    private static let notInitialised = Problem(
        .misconfigured,
        "the database has the schema but no ledger",
        hint: "run \(.initialize)"
    )
}
