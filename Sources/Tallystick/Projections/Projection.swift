// A projection of the application's own: its tables, written with the cursor in one transaction.

public import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore

/// Something that an application derives from events, in its own tables of the ledger's database.
///
/// ```swift
/// struct PaidInvoices: Projection {
///     let name = "paid_invoices"
///     let version = 1
///
///     func apply(_ events: [Event], in transaction: ProjectionTransaction) throws {
///         for event in events where event.type == "invoice.paid" {
///             try transaction.execute(
///                 "INSERT INTO app.paid (stream, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
///                 [.text(event.stream ?? ""), .integer(event.recordedAt.microsecondsSince1970)])
///         }
///     }
///
///     func erase(_ erasure: ErasedEvents, in transaction: ProjectionTransaction) throws {}
/// }
/// ```
///
/// Row security binds the transaction to one tenant, its role is `tally_projector`: grant that role
/// what your tables need, and write them with their schema. Another ``version`` begins at the first
/// event, with tables of its own.
public protocol Projection: Sendable {
    /// 1 to 63 characters of a-z, 0-9, `_` and `-`.
    var name: String { get }
    /// 1 or more; raise it when events have to be applied again.
    var version: Int { get }

    /// Applies events of one tenant in order, inside the transaction that moves the cursor.
    ///
    /// Each event is applied exactly once. Keep it to the database: whatever else it did would not
    /// be undone when the transaction is.
    /// - Throws: ``UnappliedEvent`` for an event that can never be applied, which stops this
    ///   tenant's projection until an operator retries or skips it; any other error is tried again.
    func apply(_ events: [Event], in transaction: ProjectionTransaction) throws

    /// Removes what your tables hold of parts that were erased (GDPR Art. 17).
    ///
    /// It runs after the keys are destroyed and the log is purged, and again if it was not noted: a
    /// second time must change nothing. An erasure is not `purged` before every projection has
    /// followed it. A projection that keeps nothing personal has nothing to do here, and says so
    /// with an empty body.
    /// - Parameters:
    ///   - erasure: which events to look at, or that the whole tenant is gone.
    ///   - transaction: where to do it.
    /// - Throws: what the database refused; it is tried again.
    func erase(_ erasure: ErasedEvents, in transaction: ProjectionTransaction) throws
}

/// What an erasure has taken from a tenant's log, as a projection of your own is told it.
public struct ErasedEvents: Sendable {
    /// The erasure's id, 32 hexadecimal digits.
    public let erasure: String
    /// Whether the tenant was erased: remove all rows that you have of it.
    public let isTenant: Bool
    /// The events that lost a personal section, in order; empty for a whole tenant.
    public let positions: [Int]
}

/// An event that a projection cannot apply.
public struct UnappliedEvent: Error, Sendable {
    let position: Int
    let reason: String

    /// Names the event and, without any content, what is wrong with it.
    public init(_ event: Event, reason: String) {
        position = event.position
        self.reason = reason
    }
}

/// A value of a statement.
public enum ProjectionValue: Sendable {
    /// Text without U+0000.
    case text(String)
    /// A bigint.
    case integer(Int64)
    /// Bytes.
    case bytes([UInt8])
    /// NULL, as text.
    case null

    /// The value as PostgreSQL gets it.
    var parameter: Parameter {
        switch self {
        case .text(let text): .text(text)
        case .integer(let number): .bigint(number)
        case .bytes(let bytes): .bytea(bytes)
        case .null: .noText
        }
    }
}

/// The transaction in which a page of events is applied.
public struct ProjectionTransaction {
    private let connection: Connection
    /// Whose events they are, 32 hexadecimal digits.
    public let tenant: String

    init(_ connection: Connection, tenant: String) {
        self.connection = connection
        self.tenant = tenant
    }

    /// Runs one statement.
    ///
    /// - Parameters:
    ///   - statement: SQL with `$1`, `$2` and so on for values.
    ///   - values: the values.
    /// - Throws: ``Problem`` when the database refuses it; everything is rolled back then.
    public func execute(_ statement: String, _ values: [ProjectionValue] = []) throws(Problem) {
        do throws(PostgresError) {
            _ = try connection.query(statement, values.map(\.parameter))
        } catch  where error.code == .refused {
            throw Problem(
                .misconfigured,
                // Not its message: that can quote a value.
                "PostgreSQL refused a statement with SQLSTATE \(error.sqlState ?? "?")",
                hint: "write tables with their schema, and grant tally_projector what they need"
            )
        } catch {
            throw Problem(error)
        }
    }
}

/// A projection of the application as the engine sees it.
struct OwnProjection: EventProjection {
    private let projection: any Projection
    private let projectors: Session

    init(_ projection: any Projection, projectors: ConnectionPool) {
        self.projection = projection
        self.projectors = Session(pool: projectors)
    }

    var name: String { projection.name }
    var version: ProjectionVersion { .live(projection.version) }

    func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange {
        OwnChange(
            projection: projection,
            tenant: page.tenant,
            events: page.events.map { Event($0) }
        )
    }

    func erase(_ erased: Erased) async throws -> Int {
        let (projection, name) = (projection, name)
        return try await projectors.pinned(erased.tenant) { connection in
            let events = ErasedEvents(
                erasure: erased.id.hex,
                isTenant: erased.isTenant,
                positions: erased.isTenant ? [] : try Self.positions(connection, erased)
            )
            let transaction = ProjectionTransaction(connection, tenant: erased.tenant.hex)
            do {
                try projection.erase(events, in: transaction)
            } catch let problem as Problem {
                throw Problem(problem, of: name)
            }
            // Its rows are its own business: what counts is that it has followed.
            return 0
        }
    }

    func unskip(
        _ event: SkippedEvent,
        of tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int>
    ) async throws -> any ProjectionChange {
        throw Problem(
            .invalid,
            "\(name) is the application's own: only it knows what event \(event.position) changes",
            hint: "give it another version, which begins at the first event"
        )
    }

    private static func positions(_ connection: Connection, _ erased: Erased) throws -> [Int] {
        var all: [Int] = []
        while case let page = try erased.events(connection, after: all.last ?? -1),
            !page.isEmpty
        {
            all += page
        }
        return all
    }
}

private struct OwnChange: ProjectionChange {
    let projection: any Projection
    let tenant: TenantID
    let events: [Event]

    func write(on connection: Connection) throws {
        do {
            let transaction = ProjectionTransaction(connection, tenant: tenant.hex)
            try projection.apply(events, in: transaction)
        } catch let error as UnappliedEvent {
            throw PoisonEvent(at: error.position, error.reason)
        } catch let problem as Problem {
            throw Problem(problem, of: projection.name)
        }
    }
}

extension Problem {
    fileprivate init(_ problem: Problem, of projection: String) {
        self.init(
            problem.code == .unavailable ? .unavailable : .misconfigured,
            "projection \(projection): \(problem.message)",
            hint: problem.remedy
        )
    }
}
