// Which streams a page of documents is made of, and as of which versions: read in one snapshot,
// without the documents themselves.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

/// What a page of documents is made of.
struct DocumentBasis: Sendable {
    /// Streams in the order of their tags with the version that counts.
    var wanted: [StreamStates.Wanted] = []
    /// Those whose stored document is of this version.
    var stored: Set<BlindTag> = []
    /// Those whose document is known to be too large to be read.
    var tooLarge: Set<BlindTag> = []
    /// Positions that are left out.
    var skipped: Set<Int> = []
    /// The tag at which the page ends at the latest; `nil` where everything is in it.
    var bound: BlindTag?

    /// A row of the table of documents without its body.
    struct Head: Sendable {
        let stream: BlindTag
        let version: Int
        let isTooLarge: Bool
        /// Whether its body may be read with those before it.
        let fits: Bool
    }

    /// Puts stored and other streams together.
    ///
    /// - Parameters:
    ///   - heads: stored documents in order.
    ///   - others: streams in order that have, or may have, another version than the stored one.
    ///   - isWhole: whether `others` are all that count.
    ///   - limit: how many of each were asked for.
    ///   - skipped: positions that are left out.
    init(
        _ heads: [Head],
        _ others: [StreamStates.Wanted],
        isWhole: Bool,
        limit: Int,
        skipped: Set<Int>
    ) {
        self.skipped = skipped
        var versions = Dictionary(others.map { ($0.stream, $0.version) }) { first, _ in first }
        for head in heads {
            let version = isWhole ? versions[head.stream] : versions[head.stream] ?? head.version
            guard let version else { continue }
            versions[head.stream] = version
            guard version == head.version else { continue }
            if head.isTooLarge { tooLarge.insert(head.stream) } else { stored.insert(head.stream) }
        }
        // A full page of either says nothing about what there is behind its last one.
        var ends: [BlindTag] = []
        if heads.count == limit, let last = heads.last { ends.append(last.stream) }
        if others.count == limit, let last = others.last { ends.append(last.stream) }
        let fitting = heads.prefix { $0.fits }
        if fitting.count < heads.count, let last = fitting.last { ends.append(last.stream) }
        bound = ends.min()
        let bound = bound
        func isShown(_ stream: BlindTag) -> Bool { bound.map { stream <= $0 } ?? true }
        wanted = versions.filter { isShown($0.key) && $0.value > 0 }
            .map { (stream: $0.key, version: $0.value) }.sorted { $0.stream < $1.stream }
        stored = stored.filter(isShown)
        tooLarge = tooLarge.filter(isShown)
    }
}

extension DocumentReader {
    /// What a page is made of.
    func basis(
        _ tenant: TenantID,
        _ collection: BlindTag?,
        after start: BlindTag,
        _ limit: Int,
        before position: Int?
    ) async throws(Problem) -> DocumentBasis {
        try await reader.scoped(tenant, isSnapshot: true, locking: "tally.document") { connection in
            let name = BuiltInProjection.documents
            let progress = try ProjectionProgress.read(connection, tenant, name)
            let end = position ?? progress.size
            guard position != nil || end - progress.position <= ReplayLimits.tailEvents else {
                throw Problem.projectionBehind(end - progress.position)
            }
            let isWhole = position != nil && collection == nil
            let others =
                try isWhole
                ? Self.streams(connection, tenant, before: end, after: start, limit)
                : Self.changed(
                    connection,
                    tenant,
                    min(progress.position, end)..<max(progress.size, end),
                    end: end,
                    after: start,
                    limit
                ).map { (stream: $0.stream, version: $0.end) }
            return DocumentBasis(
                try Self.heads(connection, tenant, collection, after: start, limit),
                others,
                isWhole: isWhole,
                limit: limit,
                skipped: try ProjectionStops.read(connection, tenant, name).skipped
            )
        }
    }

    private static func heads(
        _ connection: Connection,
        _ tenant: TenantID,
        _ collection: BlindTag?,
        after start: BlindTag,
        _ limit: Int
    ) throws(PostgresError) -> [DocumentBasis.Head] {
        let rows = try connection.query(
            "SELECT doc_stream, doc_version, doc_size, fits FROM tally.list_documents($1, $2, $3, "
                + "$4, $5)",
            [
                .integer(try connection.slot(of: tenant)), .bytea(collection?.bytes),
                .uuid(start.bytes), .integer(Int32(clamping: limit)),
                .bigint(Int64(ReplayLimits.answerBytes)),
            ]
        )
        return try (0..<rows.count).map { row throws(PostgresError) in
            DocumentBasis.Head(
                stream: BlindTag(try rows.bytes(row, 0)) ?? .zero,
                version: (try? rows.natural(row, 1)) ?? 0,
                isTooLarge: rows.isNull(row, 2),
                fits: try rows.bool(row, 3)
            )
        }
    }

    private static func streams(
        _ connection: Connection,
        _ tenant: TenantID,
        before position: Int,
        after start: BlindTag,
        _ limit: Int
    ) throws(PostgresError) -> [StreamStates.Wanted] {
        let rows = try connection.query(
            "SELECT found, version_end FROM tally.streams_before($1, $2, $3, $4)",
            [
                .integer(try connection.slot(of: tenant)), .bigint(Int64(clamping: position)),
                .uuid(start.bytes), .integer(Int32(clamping: limit)),
            ]
        )
        return try (0..<rows.count).map { row throws(PostgresError) in
            (BlindTag(try rows.bytes(row, 0)) ?? .zero, try rows.natural(row, 1))
        }
    }
}
