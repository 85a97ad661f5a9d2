// Documents without what was erased: each stream that an erasure has touched is folded again from
// the log, at the position that its stored document has.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

extension DocumentsProjection {
    /// Replaces the documents of touched streams; gives how many.
    package func erase(_ erased: Erased) async throws -> Int {
        try await Erased.dropOtherVersions(of: name, reader)
        guard !erased.isTenant else {
            return try await erased.removeTenant(from: name, reader)
        }
        var (last, count) = (BlindTag.zero, 0)
        while true {
            let streams = try await erased.streams(after: last, reader)
            guard let newest = streams.last else { return count }
            count += try await dropSnapshots(streams, erased.tenant)
            count += try await replace(streams, erased.tenant)
            last = newest
        }
    }

    private func dropSnapshots(_ tags: [BlindTag], _ tenant: TenantID) async throws -> Int {
        try await reader.pinned(tenant) { try $0.dropSnapshots(of: tags, tenant) }
    }

    private func replace(_ tags: [BlindTag], _ tenant: TenantID) async throws -> Int {
        let (name, table) = (name, version.table("document"))
        let (rows, skipped) = try await reader.pinned(tenant) { connection in
            let stops = try ProjectionStops.read(connection, tenant, name)
            return (try DocumentRow.places(connection, table, tenant, tags), stops.skipped)
        }
        var (change, count) = (Replacement(), 0)
        for row in rows {
            if let folded = try await refold(row, tenant, skipped) {
                let sealed = try await documents.seal([(row.stream, folded)], of: tenant)
                for row in sealed { change.columns.append(row) }
            } else {
                change.remove(row)
            }
            guard change.columns.byteCount >= ReplayLimits.callBytes else { continue }
            count += try await write(change, tenant)
            change = Replacement()
        }
        return count + (try await write(change, tenant))
    }

    /// The document that is left at a row's position; `nil` where there is none any more.
    private func refold(
        _ row: DocumentRow,
        _ tenant: TenantID,
        _ skipped: Set<Int>
    ) async throws(Problem) -> FoldedStream? {
        do throws(Problem) {
            let folded = try await streams.fold(
                tenant,
                row.stream,
                before: row.position + 1,
                skipping: skipped
            )
            return folded?.content == nil ? nil : folded
        } catch {
            guard error.code == .tooLarge else { throw error }
            let names = try await names.names(tenant, [(row.stream, row.version)])
            return FoldedStream(
                stream: names[row.stream] ?? "",
                version: row.version,
                position: row.position,
                content: nil,
                isTooLarge: true
            )
        }
    }

    /// Rows to put in the place of others, and rows to remove, where nobody has written since.
    private struct Replacement {
        var columns = DocumentColumns()
        private var gone = (streams: ArrayColumn(.uuid), positions: ArrayColumn(.bigint))

        mutating func remove(_ row: DocumentRow) {
            row.stream.withUnsafeBytes { gone.streams.append($0) }
            gone.positions.append(Int64(row.position))
        }

        var parameters: [Parameter] {
            columns.parameters + [Parameter(gone.streams), Parameter(gone.positions)]
        }
    }

    private func write(_ change: Replacement, _ tenant: TenantID) async throws -> Int {
        let parameters = change.parameters
        return try await reader.pinned(tenant) { connection in
            try connection.query(
                "SELECT tally.replace_documents($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                [.integer(try connection.slot(of: tenant))] + parameters
            ).nearestNatural(0, 0)
        }
    }
}
