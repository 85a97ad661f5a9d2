// A vacuum keeps every row that somebody's snapshot could still see: whoever has an old one is
// waited for, and named if it takes too long.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

/// Snapshots that are older than the last commit.
enum OldSnapshots {
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(50)

    /// Waits until no session of a database can see a row that has been changed by now.
    ///
    /// Sessions of other logins show their snapshots to members of pg_read_all_stats only; what
    /// cannot be seen is not waited for, and `tally doctor` says so.
    /// - Parameter pool: connections of the login itself, under no other role.
    /// - Throws: `unavailable` with the sessions that have not ended within ten seconds.
    static func wait(_ pool: ConnectionPool) async throws(Problem) {
        let reader = Session(pool: pool)
        let now = try await reader.run { connection in
            try connection.query("SELECT pg_catalog.pg_current_xact_id()::xid::text").text(0, 0)
        }
        let deadline = ContinuousClock.now + patience
        while case let holders = try await holders(reader, before: now), !holders.isEmpty {
            guard ContinuousClock.now < deadline else { throw held(by: holders) }
            try? await Task.sleep(for: pause)
        }
    }

    private static func holders(
        _ reader: Session,
        before transaction: String
    ) async throws(Problem) -> [String] {
        try await reader.run { connection in
            let rows = try connection.query(question, [.text(transaction)])
            return try (0..<rows.count).map { try rows.text($0, 0) }
        }
    }

    private static func held(by holders: [String]) -> Problem {
        Problem(
            .unavailable,
            "rows that were purged are held up by \(holders.joined(separator: ", "))",
            hint: "end these sessions or wait for them, then run the erasure again: its keys are "
                + "gone already, and it goes on with the vacuum"
        )
    }

    /// A vacuum has a snapshot too, which holds up nobody.
    private static let question = """
        SELECT format('session %s (%s) since %s', pid,
            coalesce(
                nullif(regexp_replace(application_name, '[^[:print:]]', '?', 'g'), ''), 'unknown'),
            coalesce(
                to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'unknown'))
        FROM pg_catalog.pg_stat_activity
        WHERE age(backend_xmin) >= age($1::xid) AND pid <> pg_catalog.pg_backend_pid()
            AND (datid IS NULL OR datname = current_database())
            AND pid NOT IN (SELECT pid FROM pg_catalog.pg_stat_progress_vacuum)
        ORDER BY pid LIMIT 8
        """
}
