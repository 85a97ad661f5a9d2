// Documents as they are now, or were at some position: what is stored, with the log's own events
// folded onto it, so that no answer is stale however far the projection has come.

package import TallyCore
package import TallyPostgres
package import TallyStore
package import TallyVault

/// A page of documents.
package struct DocumentPage: Sendable {
    /// The documents in the order of their streams' tags, which is arbitrary but stable.
    package let documents: [(tag: BlindTag, document: FoldedStream)]
    /// Where the next page begins; `nil` after the last one.
    package let next: BlindTag?
}

/// Reads documents of tenants.
package struct DocumentReader: Sendable {
    private let reader: LogReader
    private let streams: StreamReader
    private let states: StreamStates
    private let snapshots: Snapshots
    private let documents: DocumentVault
    private let vault: Vault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        reader = LogReader(pool: pool)
        streams = StreamReader(pool: pool, vault: vault)
        states = StreamStates(pool: pool, vault: vault)
        snapshots = Snapshots(pool: pool, vault: vault)
        documents = DocumentVault(vault: vault)
        self.vault = vault
    }

    /// The document of a stream before a position; `nil` for a stream that has no events there.
    ///
    /// - Throws: `erased` when it was, `misconfigured` when an event cannot be folded.
    /// - Complexity: O(events since the stored document), or since the stream's last put or delete or the
    ///   last snapshot.
    package func document(
        _ tenant: TenantID,
        _ stream: BlindTag,
        before position: Int
    ) async throws(StoreError) -> FoldedStream? {
        let (rows, skipped) = try await reader.scoped(tenant) { connection in
            let stops = try ProjectionStops.read(connection, tenant, BuiltInProjection.documents)
            return (try Self.rows(connection, tenant, [stream]), stops.skipped)
        }
        var known = try await known(rows, tenant, before: position)[stream]
            .map { (version: $0.version, stream: $0.stream, content: $0.content) }
        if known == nil, let newest = rows.first?.version, newest > ReplayLimits.snapshotEvents {
            known = try await snapshots.newest(tenant, stream, before: position)
        }
        return try await streams.fold(
            tenant,
            stream,
            before: position,
            skipping: skipped,
            known: known
        )
    }

    private static func rows(
        _ connection: Connection,
        _ tenant: TenantID,
        _ streams: [BlindTag]
    ) throws(PostgresError) -> [DocumentRow] {
        var column = ArrayColumn(.uuid)
        for stream in streams { stream.withUnsafeBytes { column.append($0) } }
        return try DocumentRow.read(
            connection.query(
                "SELECT * FROM tally.read_documents($1, $2)",
                [.uuid(tenant.bytes), Parameter(column)]
            )
        )
    }

    /// The documents of streams as of a version each; without those that have none.
    ///
    /// - Parameters:
    ///   - tenant: whose streams.
    ///   - wanted: streams and versions.
    ///   - skipped: positions that are left out besides those of the stored documents.
    /// - Returns: the documents by their streams' tags.
    /// - Throws: `misconfigured` when an event cannot be folded.
    /// - Complexity: O(streams) where documents are stored as of these versions.
    func contents(
        _ tenant: TenantID,
        _ wanted: [BlindTag: Int],
        skipping skipped: Set<Int>
    ) async throws(StoreError) -> [BlindTag: DocumentContent] {
        guard !wanted.isEmpty else { return [:] }
        let (rows, stops) = try await reader.scoped(tenant) { connection in
            let stops = try ProjectionStops.read(connection, tenant, BuiltInProjection.documents)
            return (try Self.rows(connection, tenant, Array(wanted.keys)), stops.skipped)
        }
        // A stored document knows nothing of what is skipped besides.
        let usable = rows.filter { skipped.isSubset(of: stops) && $0.version == wanted[$0.stream] }
        var contents = try await documents.open(usable, of: tenant).mapValues(\.content)
        let rest = wanted.filter { contents[$0.key] == nil }.map { (stream: $0, version: $1) }
        let states = try await self.states.states(tenant, rest, skipping: skipped.union(stops))
        for (stream, state) in zip(rest, states) { contents[stream.stream] = state?.content }
        return contents
    }

    private typealias Known = (
        stream: String, version: Int, position: Int, content: DocumentContent
    )

    /// The stored documents that can be read and are not newer than asked for.
    private func known(
        _ rows: [DocumentRow],
        _ tenant: TenantID,
        before position: Int
    ) async throws(StoreError) -> [BlindTag: Known] {
        let old = rows.filter { $0.position < position }
        let opened = try await documents.open(old, of: tenant)
        var known: [BlindTag: Known] = [:]
        for row in old {
            guard let found = opened[row.stream] else { continue }
            known[row.stream] = (found.stream, row.version, row.position, found.content)
        }
        return known
    }

    // MARK: - Lists

    /// What a list is made of, read in one snapshot.
    private struct Basis: Sendable {
        let rows: [DocumentRow]
        /// Streams whose stored document is not the one that was asked for.
        let changed: [BlindTag]
        /// Positions that are left out.
        let skipped: Set<Int>
    }

    /// A page of the documents before a position, of one collection or of all.
    ///
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - collection: a collection's name; `nil` for all.
    ///   - start: where the page before ended.
    ///   - limit: 1 to 10,000 documents.
    ///   - position: the first position that no longer counts; `nil` for now.
    /// - Returns: the page, and where the next one begins.
    /// - Throws: `projectionBehind` when too many events are not in stored documents yet.
    package func documents(
        _ tenant: TenantID,
        collection: String? = nil,
        after start: BlindTag? = nil,
        limit: Int,
        before position: Int? = nil
    ) async throws(StoreError) -> DocumentPage {
        let tag = try await collectionTag(collection, tenant)
        let end: Int
        if let position { end = position } else { end = try await reader.size(tenant) }
        let basis = try await basis(tenant, tag, start, limit, end, isPast: position != nil)
        let changed = Set(basis.changed)
        let known = try await known(
            basis.rows.filter { !changed.contains($0.stream) },
            tenant,
            before: end
        )
        // A full page of rows says nothing about what is stored behind its last one.
        let full = [basis.rows.map(\.stream), basis.changed].filter { $0.count == limit }
        let bound = full.compactMap(\.last).min()
        let tags = Set(basis.rows.map(\.stream)).union(changed)
            .filter { tag in bound.map { tag <= $0 } ?? true }.sorted()
        var page: [(tag: BlindTag, document: FoldedStream)] = []
        for tag in tags {
            guard page.count < limit else { break }
            let document = try await document(tag, known[tag], tenant, end, basis.skipped)
            guard let document, document.content != nil,
                collection?.utf8.elementsEqual(document.stream.collection.utf8) ?? true
            else { continue }
            page.append((tag, document))
        }
        let isLast = bound == nil && page.count < limit
        return DocumentPage(documents: page, next: isLast ? nil : page.last?.tag ?? bound)
    }

    private func document(
        _ tag: BlindTag,
        _ known: Known?,
        _ tenant: TenantID,
        _ end: Int,
        _ skipped: Set<Int>
    ) async throws(StoreError) -> FoldedStream? {
        guard let known else {
            return try await streams.fold(tenant, tag, before: end, skipping: skipped)
        }
        return FoldedStream(
            stream: known.stream,
            version: known.version,
            position: known.position,
            content: known.content
        )
    }

    private func basis(
        _ tenant: TenantID,
        _ collection: BlindTag?,
        _ start: BlindTag?,
        _ limit: Int,
        _ end: Int,
        isPast: Bool
    ) async throws(StoreError) -> Basis {
        try await reader.scoped(tenant, isSnapshot: true, locking: "tally.document") { connection in
            let progress = try ProjectionProgress.read(
                connection,
                tenant,
                BuiltInProjection.documents
            )
            guard isPast || end - progress.position <= ReplayLimits.tailEvents else {
                throw StoreError.projectionBehind(end - progress.position)
            }
            let rows = try DocumentRow.read(
                connection.query(
                    "SELECT * FROM tally.list_documents($1, $2, $3, $4)",
                    [
                        .uuid(tenant.bytes), .bytea(collection?.bytes),
                        .uuid((start ?? .zero).bytes), .integer(Int32(clamping: limit)),
                    ]
                )
            )
            let changed = try Self.changed(
                connection,
                tenant,
                from: min(progress.position, end),
                to: max(progress.size, end),
                after: start ?? .zero,
                limit: limit
            )
            let stops = try ProjectionStops.read(connection, tenant, BuiltInProjection.documents)
            return Basis(rows: rows, changed: changed, skipped: stops.skipped)
        }
    }

    private static func changed(
        _ connection: Connection,
        _ tenant: TenantID,
        from: Int,
        to: Int,
        after: BlindTag,
        limit: Int
    ) throws(PostgresError) -> [BlindTag] {
        let rows = try connection.query(
            "SELECT * FROM tally.changed_streams($1, $2, $3, $4, $5)",
            [
                .uuid(tenant.bytes), .bigint(Int64(clamping: from)), .bigint(Int64(clamping: to)),
                .uuid(after.bytes), .integer(Int32(clamping: limit)),
            ]
        )
        var tags: [BlindTag] = []
        for row in 0..<rows.count { tags.append(BlindTag(try rows.bytes(row, 0)) ?? .zero) }
        return tags
    }

    /// Up to 10,000 streams with events in a range of positions, after a tag and in their order.
    package func changedStreams(
        _ tenant: TenantID,
        _ range: Range<Int>,
        after tag: BlindTag = .zero
    ) async throws(StoreError) -> [BlindTag] {
        try await reader.scoped(tenant) { connection in
            try Self.changed(
                connection,
                tenant,
                from: range.lowerBound,
                to: range.upperBound,
                after: tag,
                limit: ReplayLimits.answerPage.upperBound
            )
        }
    }

    private func collectionTag(
        _ collection: String?,
        _ tenant: TenantID
    ) async throws(StoreError) -> BlindTag? {
        guard let collection else { return nil }
        return try await vault.index(tenant).tag(.collection, collection)
    }
}

extension String {
    /// The part of a stream's name before its last slash; empty where there is none.
    package var collection: String {
        utf8.lastIndex(of: UInt8(ascii: "/")).map { String(self[..<$0]) } ?? ""
    }
}

extension StoreError {
    static func projectionBehind(_ events: Int) -> StoreError {
        StoreError(
            .projectionBehind,
            "the documents are \(events) events behind the log",
            hint: "let a process with the projections run, or: tally projection rebuild documents"
        )
    }
}
