// What each surface calls by a name of its own: operations, and the settings that name a ledger's
// parts.

/// An operation or a setting that a ``Remedy`` names.
public enum Term: Sendable, Hashable {
    // MARK: Schema and ledger
    /// Make the ledger.
    case initialize
    /// Bring a database to this build's schema.
    case migrateSchema
    /// Compare a database with this build's schema.
    case checkSchema
    /// Check every log.
    case verify
    /// Check every log, and open every event.
    case verifyOpening
    /// Look at what the promises rest on.
    case examine

    // MARK: Tenants and what they hold
    /// List tenants.
    case listTenants
    /// Show a tenant and its head.
    case showTenant
    /// Lift a tenant's restriction.
    case thaw
    /// List events; with a query those that it asks for.
    case listEvents(query: String?)
    /// Show what happened to a document.
    case documentHistory
    /// Show what changed since a moment.
    case differences

    // MARK: Decisions
    /// List operators.
    case listOperators
    /// List the owners of a tenant's data.
    case listOwners
    /// Add an operator.
    case addOperator
    /// List decision requests; all of them, or those that wait.
    case listRequests(all: Bool)
    /// Sign a request as another operator.
    case approve(DecisionID?)
    /// End a request without doing it.
    case refuse
    /// List legal holds.
    case listHolds

    // MARK: Erasures and restores
    /// List erasures.
    case listErasures
    /// Run an erasure, or all that may go on.
    case runErasure(DecisionID?)
    /// Ask for what an erasure needs in clones.
    case spreadErasure(DecisionID)
    /// Ask for the erasure of a tenant.
    case requestTenantErasure
    /// Plan a restore.
    case planRestore
    /// List restores.
    case listRestores
    /// Show a restore.
    case showRestore
    /// End a restore that goes on.
    case abortRestore

    // MARK: Projections
    /// List projections.
    case listProjections
    /// Show what stops a projection.
    case showProjection
    /// Build a projection again from the log.
    case rebuildProjection(String)
    /// Let a projection try again.
    case retryProjection
    /// Let a projection leave an event out.
    case skipEvent
    /// Forget a projection.
    case removeProjection(String)

    // MARK: Keys
    /// List key epochs.
    case listKeys
    /// Change the key epoch.
    case rotateKeys
    /// Bring the key store back from the journal.
    case restoreKeys
    /// Take the keys over for this copy of the ledger.
    case adoptKeys
    /// Give up a key epoch whose KEK is lost.
    case giveUpEpoch(UInt64?)

    // MARK: Settings
    /// The ledger's database.
    case database
    /// The key store's database.
    case keyStore
    /// Where the KEKs are.
    case keks
    /// The directory of the key journal.
    case keyJournal
    /// The key of the operator who asks or signs.
    case operatorKey
}

extension Term {
    /// The command or flag of `tally`.
    public var command: String {
        switch self {
        case .initialize: "tally init"
        case .migrateSchema: "tally schema migrate"
        case .checkSchema: "tally schema check"
        case .verify: "tally verify"
        case .verifyOpening: "tally verify --open"
        case .examine: "tally doctor"
        case .listTenants: "tally tenant list"
        case .showTenant: "tally tenant show"
        case .thaw: "tally tenant thaw"
        case .listEvents(let query):
            "tally event list" + (query.map { " TENANT --where \($0)" } ?? "")
        case .documentHistory: "tally document history"
        case .differences: "tally time diff"
        default: decision ?? projection ?? keys
        }
    }

    private var decision: String? {
        switch self {
        case .listOperators: "tally operator list"
        case .listOwners: "tally owner list TENANT"
        case .addOperator: "tally operator add"
        case .listRequests(let all): "tally approval list" + (all ? " --all" : "")
        case .approve(let id):
            "tally approval approve \(id?.hex ?? "REQUEST") --operator-key FILE"
        case .refuse: "tally approval refuse"
        case .listHolds: "tally hold list"
        case .listErasures: "tally erasure list"
        case .runErasure(let id): "tally erasure run \(id?.hex ?? "--all")"
        case .spreadErasure(let id): "tally erasure spread \(id.hex)"
        case .requestTenantErasure: "tally erasure request CLONE --whole-tenant"
        case .planRestore: "tally restore plan"
        case .listRestores: "tally restore list"
        case .showRestore: "tally restore show"
        case .abortRestore: "tally restore abort"
        default: nil
        }
    }

    private var projection: String? {
        switch self {
        case .listProjections: "tally projection list"
        case .showProjection: "tally projection show NAME"
        case .rebuildProjection(let name): "tally projection rebuild \(name)"
        case .retryProjection: "tally projection retry"
        case .skipEvent: "tally projection skip"
        case .removeProjection(let name): "tally projection remove \(name)"
        default: nil
        }
    }

    private var keys: String {
        switch self {
        case .listKeys: "tally key list"
        case .rotateKeys: "tally key rotate"
        case .restoreKeys: "tally key restore"
        case .adoptKeys: "tally key adopt"
        case .giveUpEpoch(let number):
            "tally key give-up \(number.map { String($0) } ?? "EPOCH")"
        case .database: "--db"
        case .keyStore: "--keys"
        case .keks: "--kek or --kek-dir"
        case .keyJournal: "--key-journal"
        case .operatorKey: "--operator-key FILE"
        default: "tally"
        }
    }
}
