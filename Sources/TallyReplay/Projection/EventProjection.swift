// What a projection is: something derived from a tenant's events, in their order, exactly once.

package import TallyCore
package import TallyPostgres
package import TallyStore

/// Events of one tenant that a projection applies together.
package struct ProjectionPage: Sendable {
    /// Whose events they are.
    package let tenant: TenantID
    /// The events, but for those that an operator let it skip.
    package let events: [OpenedEvent]
    /// Rows that an operator let it skip, in this page or anywhere before it.
    package let skipped: [SkippedEvent]
}

/// An event that a projection leaves out.
package struct SkippedEvent: Sendable {
    /// Its position.
    package let position: Int
    /// Its stream's tag, if the row is there.
    package let stream: BlindTag?
    /// Its version, if the row is there.
    package let version: Int?
}

extension SkippedEvent {
    /// Why an event without a row cannot be applied.
    var isMissing: Problem {
        Problem(
            .misconfigured,
            "event \(position) is missing, or belongs to no stream",
            hint: "run \(.verify): it names every event that is not as it was written"
        )
    }
}

/// A page that has to be taken in smaller pieces.
package struct PageTooLarge: Error, Sendable {}

/// What a page changes; it is written in the transaction that moves the cursor.
package protocol ProjectionChange: Sendable {
    /// Writes it, in a transaction that is scoped to the tenant.
    func write(on connection: Connection) throws
    /// Is told that what it wrote is committed.
    func committed()
}

extension ProjectionChange {
    /// Does nothing.
    package func committed() {}
}

/// A view of the log that is kept up to date.
package protocol EventProjection: Sendable {
    /// Its name, 1 to 63 characters of a-z, 0-9, `_` and `-`.
    var name: String { get }
    /// Its version: another one is built beside it.
    var version: ProjectionVersion { get }

    /// Works out what a page changes, without writing anything.
    ///
    /// It may read what the projection wrote before: if that changes meanwhile, the page is dropped
    /// and taken again.
    /// - Throws: a ``PoisonEvent`` for an event that it cannot apply; everything else is tried
    ///   again.
    func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange

    /// Removes what it holds of parts that were erased, in every version that exists.
    ///
    /// The parts are gone from the log, and no page that was read before can be written any more.
    /// It may be called again for the same erasure.
    /// - Returns: how many rows were replaced or removed.
    func erase(_ erased: Erased) async throws -> Int

    /// Works out what changes when an event is no longer left out, without writing anything.
    ///
    /// - Parameters:
    ///   - event: the event.
    ///   - tenant: whose it is.
    ///   - position: how far the projection has come with the tenant, behind the event.
    ///   - skipped: events that stay left out.
    /// - Returns: what changes.
    /// - Throws: `misconfigured` when it still cannot be applied, `invalid` when the projection
    ///   cannot go back.
    func unskip(
        _ event: SkippedEvent,
        of tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int>
    ) async throws -> any ProjectionChange
}

/// The names of the projections that every ledger has.
package enum BuiltInProjection {
    /// The newest document of each stream.
    package static let documents = "documents"
    /// The tags behind filters.
    package static let trail = "trail"
}

/// An event that a projection cannot apply.
package struct PoisonEvent: Error, Sendable {
    /// Its position.
    package let position: Int
    /// Why, without content.
    package let reason: String

    /// Names the event and what is wrong with it.
    package init(at position: Int, _ reason: String) {
        self.position = position
        self.reason = reason
    }
}

extension PoisonEvent: ProblemConvertible {
    package var problem: Problem {
        Problem(
            .misconfigured,
            "event \(position) cannot be applied: \(reason)",
            hint: "run \(.verifyOpening), or let it be skipped: \(.skipEvent)"
        )
    }
}
