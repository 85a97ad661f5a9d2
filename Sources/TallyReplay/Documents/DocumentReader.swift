// Documents as they are now, or were at some position: what is stored, with the log's own events
// folded onto it, so that no answer is stale however far the projection has come.

package import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Reads documents of tenants.
package struct DocumentReader: Sendable {
    let reader: Session
    let states: StreamStates
    let names: StreamNames
    let vault: Vault
    private let streams: StreamReader
    private let snapshots: Snapshots
    private let documents: DocumentVault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        reader = Session(pool: pool)
        streams = StreamReader(pool: pool, vault: vault)
        states = StreamStates(pool: pool, vault: vault)
        names = StreamNames(pool: pool, vault: vault)
        snapshots = Snapshots(pool: pool, vault: vault)
        documents = DocumentVault(vault: vault)
        self.vault = vault
    }

    /// The document of a stream before a position; `nil` for a stream that has no events there.
    ///
    /// - Throws: `erased` when it was, `tooLarge` for a document that has outgrown memory,
    ///   `misconfigured` when an event cannot be folded.
    /// - Complexity: O(events since the stored document), or since the stream's last put or delete
    ///   or the last snapshot.
    package func document(
        _ tenant: TenantID,
        _ stream: BlindTag,
        before position: Int
    ) async throws(Problem) -> FoldedStream? {
        let (rows, skipped) = try await reader.scoped(tenant) { connection in
            let stops = try ProjectionStops.read(connection, tenant, BuiltInProjection.documents)
            return (try Self.rows(connection, tenant, [stream]), stops.skipped)
        }
        var known = try await known(rows.filter { $0.position < position }, tenant)[stream]
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
        _ streams: some Sequence<BlindTag>
    ) throws(PostgresError) -> [DocumentRow] {
        try DocumentRow.read(
            connection.query(
                "SELECT \(DocumentRow.columns) FROM tally.read_documents($1, $2)",
                [.integer(try connection.slot(of: tenant)), Parameter(ArrayColumn(streams))]
            )
        )
    }

    /// The documents of streams as of a version each; without those that have none, or one that is
    /// too large.
    ///
    /// - Parameters:
    ///   - tenant: whose streams.
    ///   - wanted: streams and versions.
    ///   - skipped: positions that are left out besides those of the stored documents.
    /// - Returns: the documents by their streams' tags.
    /// - Throws: ``PageTooLarge`` when several streams together need more than
    ///   ``ReplayLimits/heldBytes``; `misconfigured` when an event cannot be folded.
    /// - Complexity: O(streams) where documents are stored as of these versions.
    func contents(
        _ tenant: TenantID,
        _ wanted: [BlindTag: Int],
        skipping skipped: Set<Int>
    ) async throws -> [BlindTag: DocumentContent] {
        guard !wanted.isEmpty else { return [:] }
        let tags = Set(wanted.keys)
        let (rows, stops) = try await reader.pinned(tenant) { connection in
            let stops = try ProjectionStops.read(connection, tenant, BuiltInProjection.documents)
            let size = try DocumentRow.size(connection, "tally.document", tenant, tags)
            guard size <= ReplayLimits.heldBytes || tags.count == 1 else { throw PageTooLarge() }
            return (try Self.rows(connection, tenant, tags), stops.skipped)
        }
        // A stored document knows nothing of what is skipped besides.
        let isAsKept = skipped.isSubset(of: stops)
        let usable = rows.filter { isAsKept && $0.version == wanted[$0.stream] }
        var contents = try await known(usable, tenant).mapValues(\.content)
        let rest = wanted.filter { contents[$0.key] == nil }.map { (stream: $0, version: $1) }
        var bytes = contents.values.reduce(0) { $0 + $1.weight }
        try await states.each(
            tenant,
            rest,
            skipping: skipped.union(stops),
            isAsKept: isAsKept
        ) { index, state throws(Problem) in
            contents[rest[index].stream] = state?.content
            bytes += state?.content?.weight ?? 0
            return bytes <= ReplayLimits.heldBytes || wanted.count == 1
        }
        guard bytes <= ReplayLimits.heldBytes || wanted.count == 1 else { throw PageTooLarge() }
        return contents
    }

    /// Stored documents of some streams, opened; without those that have to be folded.
    func known(
        _ streams: Set<BlindTag>,
        _ tenant: TenantID
    ) async throws(Problem) -> [BlindTag: FoldedStream] {
        guard !streams.isEmpty else { return [:] }
        let rows = try await reader.scoped(tenant) { try Self.rows($0, tenant, streams) }
        return try await known(rows, tenant).mapValues {
            FoldedStream(
                stream: $0.stream,
                version: $0.version,
                position: $0.position,
                content: $0.content
            )
        }
    }

    private typealias Known = (
        stream: String, version: Int, position: Int, content: DocumentContent
    )

    private func known(
        _ rows: [DocumentRow],
        _ tenant: TenantID
    ) async throws(Problem) -> [BlindTag: Known] {
        let opened = try await documents.open(rows, of: tenant)
        var known: [BlindTag: Known] = [:]
        for row in rows {
            guard let found = opened[row.stream] else { continue }
            known[row.stream] = (found.stream, row.version, row.position, found.content)
        }
        return known
    }

    func collectionTag(
        _ collection: String?,
        _ tenant: TenantID
    ) async throws(Problem) -> BlindTag? {
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

extension Problem {
    static func projectionBehind(_ events: Int) -> Problem {
        Problem(
            .projectionBehind,
            "the documents are \(events) events behind the log",
            hint: "let a process with the projections run, or: \(.rebuildProjection("documents"))"
        )
    }
}
