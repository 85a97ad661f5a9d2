// Rows of the table of documents, on their way out of PostgreSQL and into it.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore

/// A row of the table of documents.
struct DocumentRow: Sendable {
    let stream: BlindTag
    let collection: BlindTag
    let position: Int
    let version: Int
    /// The document's bytes when it is open; `nil` where it is too large to be read.
    let size: Int?
    /// Its leaf in the state root; `nil` where it is too large to be read.
    let digest: Digest?
    /// `nil` where it has to be folded: it is too large to be kept, or was folded under other
    /// rules.
    let body: [UInt8]?
    /// What its ciphertext is bound to besides its place, if it is a snapshot.
    var snapshot: SnapshotBinding?

    /// What ``read(_:)`` takes, in this order.
    static let columns =
        "stream, collection_tag, position, version, size, fold::bigint, digest, body"

    static func read(_ rows: Rows) throws(PostgresError) -> [DocumentRow] {
        var found: [DocumentRow] = []
        for row in 0..<rows.count {
            let position = try? rows.natural(row, 2) as Int
            let version = try? rows.natural(row, 3) as Int
            // No document is sealed as version 0, so a row with numbers that cannot be opens to
            // nothing, and the log is asked.
            let isSound = position != nil && version != nil
            let isCurrent = try rows.integer(row, 5) == Int64(StreamFold.version)
            found.append(
                DocumentRow(
                    stream: BlindTag(try rows.bytes(row, 0)) ?? .zero,
                    collection: BlindTag(try rows.bytes(row, 1)) ?? .zero,
                    position: position ?? 0,
                    version: isSound ? version ?? 0 : 0,
                    size: try rows.optionalInteger(row, 4).map { Int(clamping: $0) },
                    digest: rows.optionalBytes(row, 6).map { Digest($0) ?? .zero },
                    body: isCurrent ? rows.optionalBytes(row, 7) : nil
                )
            )
        }
        return found
    }

    /// Rows of some streams in a table that may be one that is being built.
    static func read(
        _ connection: Connection,
        _ table: String,
        _ tenant: TenantID,
        _ streams: some Sequence<BlindTag>
    ) throws(PostgresError) -> [DocumentRow] {
        try read(
            connection.query(
                "SELECT \(columns) FROM \(table) WHERE slot = $1 AND stream = ANY ($2)",
                [.integer(try connection.slot(of: tenant)), Parameter(ArrayColumn(streams))]
            )
        )
    }

    /// The same without their bodies.
    static func places(
        _ connection: Connection,
        _ table: String,
        _ tenant: TenantID,
        _ streams: some Sequence<BlindTag>
    ) throws(PostgresError) -> [DocumentRow] {
        try read(
            connection.query(
                """
                SELECT stream, collection_tag, position, version, size, fold::bigint, digest,
                    NULL::bytea
                FROM \(table) WHERE slot = $1 AND stream = ANY ($2)
                """,
                [.integer(try connection.slot(of: tenant)), Parameter(ArrayColumn(streams))]
            )
        )
    }

    /// All rows of a tenant without their bodies.
    static func places(
        _ connection: Connection,
        of tenant: TenantID
    ) throws(PostgresError) -> [DocumentRow] {
        try read(
            connection.query(
                """
                SELECT stream, collection_tag, position, version, size, fold::bigint, digest,
                    NULL::bytea
                FROM tally.document WHERE slot = $1
                """,
                [.integer(try connection.slot(of: tenant))]
            )
        )
    }

    /// The bytes that the rows of some streams hold when they are open.
    static func size(
        _ connection: Connection,
        _ table: String,
        _ tenant: TenantID,
        _ streams: Set<BlindTag>
    ) throws(PostgresError) -> Int {
        try connection.query(
            """
            SELECT coalesce(sum(size), 0)::bigint FROM \(table)
            WHERE slot = $1 AND stream = ANY ($2)
            """,
            [.integer(try connection.slot(of: tenant)), Parameter(ArrayColumn(streams))]
        ).nearestNatural(0, 0)
    }
}

extension ArrayColumn {
    /// Tags as UUIDs.
    init(_ tags: some Sequence<BlindTag>) {
        self.init(.uuid)
        for tag in tags { tag.withUnsafeBytes { append($0) } }
    }
}

/// The parallel arrays of `tally.put_documents`, from the fold's rules on.
struct DocumentColumns {
    private var streams = ArrayColumn(.uuid)
    private var collections = ArrayColumn(.bytea)
    private var positions = ArrayColumn(.bigint)
    private var versions = ArrayColumn(.integer)
    private var sizes = ArrayColumn(.bigint)
    private var digests = ArrayColumn(.bytea)
    private var bodies = ArrayColumn(.bytea)

    /// The bytes of the bodies.
    var byteCount: Int { bodies.byteCount }

    mutating func append(_ row: DocumentRow) {
        row.stream.withUnsafeBytes { streams.append($0) }
        row.collection.withUnsafeBytes { collections.append($0) }
        positions.append(Int64(row.position))
        versions.append(Int32(clamping: row.version))
        if let size = row.size { sizes.append(Int64(size)) } else { sizes.append(nil) }
        digests.append(row.digest?.bytes)
        bodies.append(row.body)
    }

    var parameters: [Parameter] {
        [.smallint(Int16(StreamFold.version))]
            + [streams, collections, positions, versions, sizes, digests, bodies]
            .map { Parameter($0) }
    }
}
