// Streams by when they were written to last.

package import TallyCore
internal import TallyPostgres

extension Session {
    /// The newest event of each stream as of `end`, newest first.
    ///
    /// - Parameters:
    ///   - tenant: whose streams.
    ///   - position: only events before this position.
    ///   - end: the first position that no longer counts.
    ///   - limit: 1 to 10,000.
    /// - Returns: as many events as hold ``StoreLimits/pageBytes``, up to the limit; none where
    ///   there are no more.
    /// - Throws: `unavailable` and the like when the database cannot be asked.
    /// - Complexity: O(events between the first stream and the last one that is given).
    package func newestStreams(
        _ tenant: TenantID,
        before position: Int,
        end: Int,
        limit: Int = StoreLimits.pageStreams
    ) async throws(Problem) -> [StoredEvent] {
        try await scoped(tenant) { connection in
            try Self.whole(
                connection.query(
                    "SELECT * FROM tally.newest_streams($1, $2, $3, $4, $5)",
                    [
                        .integer(try connection.slot(of: tenant)), .bigint(Int64(position)),
                        .bigint(Int64(end)),
                        .integer(Int32(clamping: limit)), Self.pageBytes,
                    ]
                )
            )
        }
    }
}
