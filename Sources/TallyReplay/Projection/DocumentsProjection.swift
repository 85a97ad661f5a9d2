// The projection that keeps the newest document of each stream.

internal import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Folds events into stored documents, a page and each of its streams at a time.
package struct DocumentsProjection: EventProjection {
    package let name = BuiltInProjection.documents
    package let version: ProjectionVersion
    private let reader: LogReader
    private let streams: StreamReader
    private let documents: DocumentVault

    /// Keeps the documents of a version.
    ///
    /// - Parameters:
    ///   - version: the live one, or the one that is built beside it.
    ///   - readers: connections of role tally_reader.
    ///   - projectors: connections of role tally_projector.
    ///   - vault: the ledger's keys.
    package init(
        version: ProjectionVersion,
        readers: ConnectionPool,
        projectors: ConnectionPool,
        vault: Vault
    ) {
        self.version = version
        reader = LogReader(pool: projectors)
        streams = StreamReader(pool: readers, vault: vault)
        documents = DocumentVault(vault: vault)
    }

    /// A stream while a page is folded.
    private struct State {
        var stream = ""
        /// `nil` where nothing is stored, so that any version may come next.
        var version: Int?
        var position = 0
        var content: DocumentContent?
    }

    /// Folds a page onto the stored documents of its streams.
    package func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange {
        var (table, states) = try await stored(page)
        for event in page.events {
            guard let tag = event.stored.stream, event.envelope != nil else { continue }
            try await apply(event, to: &states[tag, default: State()], tag, page.tenant)
        }
        var present: [(stream: BlindTag, document: FoldedStream, content: DocumentContent)] = []
        var gone: [BlindTag] = []
        for (tag, state) in states.sorted(by: { $0.key < $1.key }) {
            guard let content = state.content, let version = state.version else {
                gone.append(tag)
                continue
            }
            let document = FoldedStream(
                stream: state.stream,
                version: version,
                position: state.position,
                content: content
            )
            present.append((tag, document, content))
        }
        let names = present.map(\.document.stream)
        return DocumentsChange(
            table: table,
            tenant: page.tenant,
            rows: try await documents.seal(present, of: page.tenant),
            collections: try await documents.collectionTags(names, page.tenant),
            gone: gone
        )
    }

    /// The stored documents of a page's streams; one that cannot be read is folded anew.
    private func stored(
        _ page: ProjectionPage
    ) async throws -> (table: Int64, states: [BlindTag: State]) {
        let tags = Set(page.events.compactMap(\.stored.stream))
        let (version, name, tenant) = (version, name, page.tenant)
        let (table, rows) = try await reader.pinned(tenant) { connection in
            let oid = try version.oids(connection, name, ["document"])[0]
            let rows = try DocumentRow.read(connection, version.table("document"), tenant, tags)
            return (oid, rows)
        }
        let opened = try await documents.open(rows, of: tenant)
        var states: [BlindTag: State] = [:]
        for row in rows {
            var state = State(version: row.version, position: row.position)
            if let found = opened[row.stream] {
                (state.stream, state.content) = (found.stream, found.content)
            } else {
                let folded = try await streams.fold(tenant, row.stream, before: row.position + 1)
                (state.stream, state.content) = (folded?.stream ?? "", folded?.content)
            }
            states[row.stream] = state
        }
        return (table, states)
    }

    private func apply(
        _ event: OpenedEvent,
        to state: inout State,
        _ tag: BlindTag,
        _ tenant: TenantID
    ) async throws {
        let position = event.stored.position
        do {
            let input = try FoldEvent(event)
            if let version = state.version, input.version != version + 1 {
                throw FoldError(.gap, at: version + 1)
            }
            if input.operation == .revert {
                let folded = try await streams.fold(tenant, tag, before: position + 1)
                state.content = folded?.content
            } else {
                try StreamFold.apply(input, to: &state.content)
            }
            state.version = input.version
            state.position = position
            if case .content(let envelope) = event.envelope { state.stream = envelope.stream }
        } catch let error as FoldError {
            throw PoisonEvent(at: position, error.description)
        } catch let error as StoreError where error.code == .erased {
            // The tenant was erased: no document of it can be known.
            state = State(version: event.stored.version, position: position)
        } catch let error as StoreError where error.code == .misconfigured {
            throw PoisonEvent(at: position, error.message)
        }
    }
}

/// What a page changes in the table of documents.
struct DocumentsChange: ProjectionChange {
    let table: Int64
    let tenant: TenantID
    let rows: [DocumentRow]
    let collections: [BlindTag]
    let gone: [BlindTag]

    func write(on connection: Connection) throws {
        var columns = DocumentColumns()
        for (row, collection) in zip(rows, collections) { columns.append(row, collection) }
        var absent = ArrayColumn(.uuid)
        for tag in gone { tag.withUnsafeBytes { absent.append($0) } }
        _ = try connection.query(
            "SELECT tally.put_documents(($1::bigint)::oid, $2, $3, $4, $5, $6, $7, $8, $9)",
            [.bigint(table), .uuid(tenant.bytes)] + columns.parameters + [Parameter(absent)]
        )
    }
}

/// The parallel arrays of `tally.put_documents`.
private struct DocumentColumns {
    private var streams = ArrayColumn(.uuid)
    private var collections = ArrayColumn(.bytea)
    private var positions = ArrayColumn(.bigint)
    private var versions = ArrayColumn(.integer)
    private var digests = ArrayColumn(.bytea)
    private var bodies = ArrayColumn(.bytea)

    mutating func append(_ row: DocumentRow, _ collection: BlindTag) {
        row.stream.withUnsafeBytes { streams.append($0) }
        collection.withUnsafeBytes { collections.append($0) }
        positions.append(Int64(row.position))
        versions.append(Int32(row.version))
        row.digest.withUnsafeBytes { digests.append($0) }
        bodies.append(row.body)
    }

    var parameters: [Parameter] {
        [streams, collections, positions, versions, digests, bodies].map { Parameter($0) }
    }
}

extension DocumentRow {
    /// Rows of some streams in a table that may be one that is being built.
    static func read(
        _ connection: Connection,
        _ table: String,
        _ tenant: TenantID,
        _ streams: Set<BlindTag>
    ) throws(PostgresError) -> [DocumentRow] {
        var column = ArrayColumn(.uuid)
        for stream in streams { stream.withUnsafeBytes { column.append($0) } }
        return try read(
            connection.query(
                """
                SELECT stream, position, version, digest, body FROM \(table)
                WHERE tenant_id = $1 AND stream = ANY ($2)
                """,
                [.uuid(tenant.bytes), Parameter(column)]
            )
        )
    }
}
