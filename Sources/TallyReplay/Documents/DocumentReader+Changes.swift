// What became of documents between two positions: the streams with events in between, each as it
// was before them and after them.

package import TallyCore
internal import TallyPostgres
internal import TallyStore

/// A stream with events in a range of positions.
struct ChangedVersions: Sendable {
    let stream: BlindTag
    /// The version before these events.
    let before: Int
    /// The version of the last of them.
    let last: Int
    /// The version of the newest event before a position in the range.
    let end: Int
}

/// A document that is not the same before and after some events.
package struct ChangedDocument: Sendable {
    /// The stream before; `nil` where there was none.
    package let before: FoldedStream?
    /// The stream after.
    package let after: FoldedStream

    /// Puts both sides together.
    package init(before: FoldedStream?, after: FoldedStream) {
        (self.before, self.after) = (before, after)
    }

    /// Whether both sides say the same, whatever versions they have.
    package var isNone: Bool {
        let (old, new) = (before?.content, after.content)
        let wasTooLarge = before?.isTooLarge ?? false
        return old?.data == new?.data && old?.personal == new?.personal
            && old?.erasedParts == new?.erasedParts && wasTooLarge == after.isTooLarge
    }

    /// The bytes of both sides.
    package var weight: Int { (before?.content?.weight ?? 0) + (after.content?.weight ?? 0) }
}

extension DocumentReader {
    /// Up to so many changed streams are asked for at a time.
    private static let changedStreams = 1000

    /// Gives `body` the documents that differ before and after the events in a range, in the order
    /// of their streams' tags.
    ///
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - range: the events in between.
    ///   - start: only streams behind this tag.
    ///   - progress: is told how many streams were looked at.
    ///   - body: says whether to go on.
    /// - Returns: the last stream that was given, where that was not the end: `body` ended it, or
    ///   the documents hold more than ``ReplayLimits/answerBytes``.
    /// - Throws: `misconfigured` when an event cannot be folded.
    /// - Complexity: O(events in `range` and of the streams that changed), not the history.
    package func changes(
        _ tenant: TenantID,
        _ range: Range<Int>,
        after start: BlindTag = .zero,
        progress: (Int) -> Void = { _ in },
        _ body: (ChangedDocument) -> Bool
    ) async throws(Problem) -> BlindTag? {
        var (last, seen, bytes) = (start, 0, 0)
        var ended: BlindTag?
        while ended == nil {
            let (start, limit) = (last, Self.changedStreams)
            let (streams, skipped) = try await reader.scoped(tenant) { connection in
                (
                    try Self.changed(
                        connection,
                        tenant,
                        range,
                        end: range.upperBound,
                        after: start,
                        limit
                    ),
                    try ProjectionStops.read(connection, tenant, BuiltInProjection.documents)
                        .skipped
                )
            }
            guard let newest = streams.last else { break }
            last = newest.stream
            let wanted = streams.flatMap { stream -> [StreamStates.Wanted] in
                [(stream.stream, stream.before), (stream.stream, stream.last)]
            }
            let base = seen
            ended = try await compare(tenant, wanted, skipped, { progress(base + $0) }) { change in
                bytes += change.weight
                return body(change) && bytes <= ReplayLimits.answerBytes
            }.map { wanted[$0].stream }
            seen += streams.count
        }
        return ended
    }

    /// As ``changes(_:_:after:progress:_:)`` for streams in the order given.
    ///
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - newest: the newest event of each stream that counts.
    ///   - position: the first position that does not count before.
    ///   - progress: is told how many streams were looked at.
    ///   - body: says whether to go on.
    /// - Returns: the position at which `body` ended it.
    /// - Throws: `misconfigured` when an event cannot be folded.
    package func changes(
        _ tenant: TenantID,
        of newest: [StoredEvent],
        since position: Int,
        progress: (Int) -> Void = { _ in },
        _ body: (ChangedDocument) -> Bool
    ) async throws(Problem) -> Int? {
        let rows = newest.filter { $0.stream != nil && $0.version != nil }
        let (versions, skipped) = try await reader.scoped(tenant) { connection in
            let rows = try connection.query(
                "SELECT * FROM tally.versions_before($1, $2, $3)",
                [
                    .integer(try connection.slot(of: tenant)), .bigint(Int64(clamping: position)),
                    Parameter(ArrayColumn(rows.compactMap(\.stream))),
                ]
            )
            let versions: [Int] = try (0..<rows.count).map { try rows.natural($0, 0) }
            let name = BuiltInProjection.documents
            return (versions, try ProjectionStops.read(connection, tenant, name).skipped)
        }
        let wanted = zip(rows, versions).flatMap { row, before -> [StreamStates.Wanted] in
            [(row.stream ?? .zero, before), (row.stream ?? .zero, row.version ?? 0)]
        }
        let last = try await compare(tenant, wanted, skipped, progress, body)
        return last.map { rows[$0 / 2].position }
    }

    /// Gives `body` what differs between each two states; gives the index at which it ended that.
    private func compare(
        _ tenant: TenantID,
        _ wanted: [StreamStates.Wanted],
        _ skipped: Set<Int>,
        _ progress: (Int) -> Void,
        _ body: (ChangedDocument) -> Bool
    ) async throws(Problem) -> Int? {
        var before: FoldedStream?
        var ended: Int?
        try await states.each(
            tenant,
            wanted,
            skipping: skipped
        ) { index, state throws(Problem) in
            let folded = state.map { FoldedStream($0, version: wanted[index].version) }
            guard !index.isMultiple(of: 2), let after = folded else {
                before = folded
                return true
            }
            progress(index / 2 + 1)
            let change = ChangedDocument(before: before, after: after)
            guard !change.isNone else { return true }
            if !body(change) { ended = index }
            return ended == nil
        }
        return ended
    }

    /// Gives `body` the documents of streams as of their newest event that counts, in the order
    /// given.
    ///
    /// - Returns: the position at which `body` ended it.
    package func newest(
        _ tenant: TenantID,
        _ newest: [StoredEvent],
        _ body: (FoldedStream) -> Bool
    ) async throws(Problem) -> Int? {
        let rows = newest.filter { $0.stream != nil && $0.version != nil }
        let skipped = try await reader.scoped(tenant) {
            try ProjectionStops.read($0, tenant, BuiltInProjection.documents).skipped
        }
        let wanted = rows.map { (stream: $0.stream ?? .zero, version: $0.version ?? 0) }
        var ended: Int?
        try await states.each(
            tenant,
            wanted,
            skipping: skipped
        ) { index, state throws(Problem) in
            guard let state else { return true }
            if !body(FoldedStream(state, version: wanted[index].version)) {
                ended = rows[index].position
            }
            return ended == nil
        }
        return ended
    }

    /// The streams with events in a range, after a tag and in the order of tags.
    static func changed(
        _ connection: Connection,
        _ tenant: TenantID,
        _ range: Range<Int>,
        end: Int,
        after start: BlindTag,
        _ limit: Int
    ) throws(PostgresError) -> [ChangedVersions] {
        let rows = try connection.query(
            "SELECT * FROM tally.changed_streams($1, $2, $3, $4, $5, $6)",
            [
                .integer(try connection.slot(of: tenant)),
                .bigint(Int64(clamping: range.lowerBound)),
                .bigint(Int64(clamping: range.upperBound)), .bigint(Int64(clamping: end)),
                .uuid(start.bytes), .integer(Int32(clamping: limit)),
            ]
        )
        return try (0..<rows.count).map { row throws(PostgresError) in
            ChangedVersions(
                stream: BlindTag(try rows.bytes(row, 0)) ?? .zero,
                before: try rows.natural(row, 1),
                last: try rows.natural(row, 2),
                end: try rows.natural(row, 3)
            )
        }
    }
}

extension FoldedStream {
    /// A stream that was folded together with others.
    init(_ state: StreamState, version: Int) {
        self.init(
            stream: state.name,
            version: version,
            position: state.position,
            content: state.content,
            isTooLarge: state.isTooLarge
        )
    }
}
