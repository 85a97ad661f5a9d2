// Rows without what was erased: the row of each document that an erasure has touched is made again
// from the log. What PostgreSQL keeps of the rows before is rewritten with the table (`Vacuum`).

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

extension TableProjection {
    /// Replaces the rows of touched documents; gives how many.
    package func erase(_ erased: Erased) async throws -> Int {
        try await Erased.dropOtherVersions(of: name, projectors)
        guard !erased.isTenant else { return try await clear(erased.tenant) }
        guard definition.isPersonal else { return 0 }
        let (position, skipped) = try await basis(erased.tenant)
        var (last, count) = (BlindTag.zero, 0)
        while case let tags = try await erased.streams(after: last, projectors),
            let newest = tags.last
        {
            let rows = try await rows(tags, erased.tenant, before: position, skipped)
            count += try await replace(rows, erased.tenant)
            last = newest
        }
        return count
    }

    /// Where the cursor is: a row that is written later is free of what was erased.
    func basis(
        _ tenant: TenantID
    ) async throws(Problem) -> (position: Int, skipped: Set<Int>) {
        let (name, number) = (name, version.number)
        return try await projectors.scoped(tenant) { connection in
            (
                try ProjectionProgress.read(connection, tenant, name, version: number).position,
                try ProjectionStops.skipped(connection, tenant, name)
            )
        }
    }

    private func rows(
        _ tags: [BlindTag],
        _ tenant: TenantID,
        before position: Int,
        _ skipped: Set<Int>
    ) async throws -> [TableRow] {
        var rows: [TableRow] = []
        for tag in tags {
            let folded: FoldedStream?
            do throws(Problem) {
                folded = try await streams.fold(tenant, tag, before: position, skipping: skipped)
            } catch {
                // A document that is too large to be read has no row.
                guard error.code == .tooLarge else { throw error }
                continue
            }
            guard let folded, isOurs(folded.stream), let content = folded.content else { continue }
            // What is left may be of another type than what went: an erasure waits for nobody's
            // repair.
            rows.append(try TableRow(folded, content, definition, isLenient: true))
        }
        return rows
    }

    private func replace(_ rows: [TableRow], _ tenant: TenantID) async throws -> Int {
        let (statements, version, name) = (statements, version, name)
        return try await projectors.pinned(tenant) { connection in
            try version.hold(connection, name, [name], in: "tally_tables")
            return try connection.query(statements.replace, tenant, rows)
        }
    }

    private func clear(_ tenant: TenantID) async throws -> Int {
        let (statements, version, name) = (statements, version, name)
        return try await projectors.pinned(tenant) { connection in
            try version.hold(connection, name, [name], in: "tally_tables")
            return try connection.query(statements.clear, [.uuid(tenant.bytes)]).count
        }
    }
}
