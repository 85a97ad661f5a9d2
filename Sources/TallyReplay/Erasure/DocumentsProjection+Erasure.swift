// Documents without what was erased: each stream that an erasure has touched is folded again from the
// log, at the position that its stored document has.

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
            return (try DocumentRow.read(connection, table, tenant, Set(tags)), stops.skipped)
        }
        var present: [(stream: BlindTag, document: FoldedStream, content: DocumentContent)] = []
        var gone: [DocumentRow] = []
        for row in rows {
            let folded = try await streams.fold(
                tenant,
                row.stream,
                before: row.position + 1,
                skipping: skipped
            )
            if let folded, let content = folded.content {
                present.append((row.stream, folded, content))
            } else {
                gone.append(row)
            }
        }
        let sealed = try await documents.seal(present, of: tenant)
        return try await write(sealed, gone, tenant)
    }

    private func write(
        _ rows: [DocumentRow],
        _ gone: [DocumentRow],
        _ tenant: TenantID
    ) async throws -> Int {
        try await reader.pinned(tenant) { connection in
            var columns = DocumentColumns()
            for row in rows { columns.append(row) }
            var absent = (streams: ArrayColumn(.uuid), positions: ArrayColumn(.bigint))
            for row in gone {
                row.stream.withUnsafeBytes { absent.streams.append($0) }
                absent.positions.append(Int64(row.position))
            }
            return Int(
                try connection.query(
                    "SELECT tally.replace_documents($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    [.uuid(tenant.bytes)] + columns.parameters
                        + [Parameter(absent.streams), Parameter(absent.positions)]
                ).integer(0, 0)
            )
        }
    }
}
