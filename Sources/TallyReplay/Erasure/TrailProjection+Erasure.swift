// The trail without who was erased: the subject's tag goes from every event that holds nothing of
// the subject any more.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

extension TrailProjection {
    /// Removes the subject's tag from events; gives from how many.
    package func erase(_ erased: Erased) async throws -> Int {
        try await Erased.dropOtherVersions(of: name, projectors)
        guard !erased.isTenant else {
            return try await erased.removeTenant(from: name, projectors)
        }
        var (last, count) = (-1, 0)
        while true {
            let after = last
            let positions = try await projectors.run {
                try erased.events($0, after: after)
            }
            guard let newest = positions.last else { return count }
            let kept = erased.isWholeSubject ? [] : try await holding(erased, positions)
            count += try await remove(erased, positions.filter { !kept.contains($0) })
            last = newest
        }
    }

    /// The events that still hold a part of the subject, of another retention class.
    private func holding(
        _ erased: Erased,
        _ positions: [Int]
    ) async throws(Problem) -> Set<Int> {
        var holding: Set<Int> = []
        var rest = positions[...]
        while !rest.isEmpty {
            let page = Array(rest)
            let rows = try await projectors.scoped(erased.tenant) {
                try Session.events($0, erased.tenant, at: page)
            }
            let opened = try await EventOpener(vault: vault).open(rows, of: erased.tenant)
            for event in opened where event.subjectTags.contains(erased.subjectTag) {
                holding.insert(event.stored.position)
            }
            guard let newest = rows.last?.position else { break }
            rest = rest.drop { $0 <= newest }
        }
        return holding
    }

    private func remove(_ erased: Erased, _ positions: [Int]) async throws -> Int {
        var column = ArrayColumn(.bigint)
        for position in positions { column.append(Int64(position)) }
        let gone = Parameter(column)
        return try await projectors.pinned(erased.tenant) { connection in
            Int(
                try connection.query(
                    "SELECT tally.remove_tags($1, $2, $3)",
                    [
                        .integer(try connection.slot(of: erased.tenant)),
                        .bytea(erased.subjectTag.bytes), gone,
                    ]
                ).integer(0, 0)
            )
        }
    }
}
