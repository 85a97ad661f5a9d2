// A projection of the application's own: its tables, written with the cursor in one transaction.

internal import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore

/// Something that an application derives from events, in its own tables of the ledger's database.
///
/// ```swift
/// struct InvoiceTotals: Projection {
///     let name = "invoice_totals"
///     let version = 1
///
///     func apply(_ events: [Event], in transaction: ProjectionTransaction) throws {
///         for event in events where event.type == "invoice.paid" {
///             try transaction.execute(
///                 "INSERT INTO app.paid (stream, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
///                 [.text(event.stream ?? ""), .integer(Int64(event.recordedAt))])
///         }
///     }
/// }
/// ```
///
/// Row security binds the transaction to one tenant, its role is `tally_projector`: grant that role
/// what your tables need, and write them with their schema. Another ``version`` begins at the first event, with tables of its own.
public protocol Projection: Sendable {
    /// 1 to 63 characters of a-z, 0-9, `_` and `-`.
    var name: String { get }
    /// 1 or more; raise it when events have to be applied anew.
    var version: Int { get }

    /// Applies events of one tenant in order, inside the transaction that moves the cursor.
    ///
    /// Each event is applied exactly once. Keep it to the database: whatever else it did would not be
    /// undone when the transaction is.
    /// - Throws: ``UnappliedEvent`` for an event that can never be applied, which stops this tenant's
    ///   projection until an operator retries or skips it; any other error is tried again.
    func apply(_ events: [Event], in transaction: ProjectionTransaction) throws
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
            _ = try connection.query(statement, values.map { Self.parameter($0) })
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

    private static func parameter(_ value: ProjectionValue) -> Parameter {
        switch value {
        case .text(let text): .text(text)
        case .integer(let number): .bigint(number)
        case .bytes(let bytes): .bytea(bytes)
        case .null: .noText
        }
    }
}

/// A projection of the application as the engine sees it.
struct OwnProjection: EventProjection {
    private let projection: any Projection

    init(_ projection: any Projection) {
        self.projection = projection
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
            throw StoreError(
                problem.code == .unavailable ? .unavailable : .misconfigured,
                "projection \(projection.name): \(problem.message)",
                hint: problem.hint
            )
        }
    }
}
