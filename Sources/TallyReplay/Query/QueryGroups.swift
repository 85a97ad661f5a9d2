// A query's terms as tags: of each group an event must have one.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

/// The groups of tags that stand for a query's terms.
struct QueryGroups: Sendable {
    private var count = 0
    private var groups = ArrayColumn(.integer)
    private var tags = ArrayColumn(.bytea)
    private var streams = ArrayColumn(.uuid)

    /// Expands a query; gives `nil` when one of its terms stands for nothing.
    ///
    /// - Throws: `tooLarge` when a wildcard stands for too many words.
    init?(_ query: Query, index: IndexKey, words: [TrailWord]) throws(Problem) {
        for (key, patterns) in query.terms {
            if key == .stream, !patterns.contains(where: \.isPrefix) {
                for pattern in patterns {
                    index.tag(.stream, pattern.text).withUnsafeBytes { streams.append($0) }
                }
                continue
            }
            let tags = Self.tags(key, patterns, index, words)
            guard !tags.isEmpty else { return nil }
            add(tags)
        }
        guard tags.count <= ReplayLimits.queryTags else {
            throw Problem(
                .tooLarge,
                "the query's wildcards stand for \(tags.count) types and collections",
                hint: "give longer beginnings"
            )
        }
    }

    /// One tag alone.
    init(_ tag: BlindTag) {
        add([tag])
    }

    private mutating func add(_ members: Set<BlindTag>) {
        count += 1
        for tag in members {
            groups.append(Int32(count))
            tag.withUnsafeBytes { tags.append($0) }
        }
    }

    private static func tags(
        _ key: Query.Key,
        _ patterns: [Query.Pattern],
        _ index: IndexKey,
        _ words: [TrailWord]
    ) -> Set<BlindTag> {
        var tags: Set<BlindTag> = []
        for pattern in patterns {
            switch key {
            case .actor: tags.insert(index.tag(.actor, pattern.text))
            case .subject: tags.insert(index.tag(.subject, pattern.text))
            case .type: tags.formUnion(expand(pattern, .type, index, words) { pattern.matches($0) })
            case .collection:
                tags.formUnion(expand(pattern, .collection, index, words) { pattern.matches($0) })
            case .stream:
                // A stream's beginning names the collections that it may lie in.
                let exact = Query.Pattern(text: pattern.text.collection, isPrefix: pattern.isPrefix)
                tags.formUnion(
                    expand(exact, .collection, index, words) { canHold($0, pattern.text) }
                )
            }
        }
        return tags
    }

    private static func expand(
        _ pattern: Query.Pattern,
        _ label: TrailWord.Label,
        _ index: IndexKey,
        _ words: [TrailWord],
        where matches: (String) -> Bool
    ) -> Set<BlindTag> {
        guard pattern.isPrefix else { return [TrailWord(label, pattern.text).tag(index)] }
        let found = words.filter { $0.label == label && matches($0.text) }
        return Set(found.map { $0.tag(index) })
    }

    /// Whether a collection may hold streams whose names begin so.
    private static func canHold(_ collection: String, _ prefix: String) -> Bool {
        let folder = collection.isEmpty ? "" : collection + "/"
        return folder.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: folder.utf8)
    }

    /// Up to `limit` positions in a range, in order.
    func positions(
        _ connection: Connection,
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ limit: Int
    ) throws(PostgresError) -> [Int] {
        let rows = try connection.query(
            "SELECT * FROM tally.find_positions($1, $2, $3, $4, $5, $6, $7)",
            [
                .integer(try connection.slot(of: tenant)),
                .bigint(Int64(clamping: range.lowerBound)),
                .bigint(Int64(clamping: range.upperBound)), .integer(Int32(clamping: limit)),
                Parameter(groups), Parameter(tags), Parameter(streams),
            ]
        )
        var positions: [Int] = []
        for row in 0..<rows.count { positions.append(try rows.natural(row, 0)) }
        return positions
    }
}
