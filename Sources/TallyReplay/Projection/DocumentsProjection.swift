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
    let reader: LogReader
    let streams: StreamReader
    let documents: DocumentVault

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
        /// Versions that are left out.
        var skipped: Set<Int> = []
        /// The document at a version that deserves a snapshot.
        var snapshot: (document: FoldedStream, content: DocumentContent, binding: SnapshotBinding)?

        /// Remembers the document if its version is one for a snapshot.
        mutating func takeSnapshot(leaf: [UInt8]) {
            guard let version, let content, version % ReplayLimits.snapshotEvents == 0 else {
                return
            }
            let document = FoldedStream(
                stream: stream,
                version: version,
                position: position,
                content: content
            )
            snapshot = (document, content, SnapshotBinding(position, leaf: leaf))
        }

        /// The version that must come next, those that are left out passed over.
        var next: Int? {
            guard var next = version.map({ $0 + 1 }) else { return nil }
            while skipped.contains(next) { next += 1 }
            return next
        }
    }

    /// Folds a page onto the stored documents of its streams.
    package func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange {
        var (table, states) = try await stored(page)
        for skipped in page.skipped {
            // It counts as a version, and changes nothing.
            guard let tag = skipped.stream, let version = skipped.version else { continue }
            states[tag]?.skipped.insert(version)
        }
        for event in page.events {
            guard let tag = event.stored.stream, event.envelope != nil else { continue }
            try await apply(event, to: &states[tag, default: State()], tag, page)
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
        return DocumentsChange(
            table: table,
            tenant: page.tenant,
            rows: try await documents.seal(present, of: page.tenant),
            gone: gone,
            snapshots: try await snapshots(states, page.tenant)
        )
    }

    private func snapshots(
        _ states: [BlindTag: State],
        _ tenant: TenantID
    ) async throws -> [DocumentRow] {
        let found = states.compactMapValues(\.snapshot)
        do {
            return try await documents.seal(
                found.map { ($0.key, $0.value.document, $0.value.content) },
                of: tenant,
                snapshots: found.mapValues(\.binding)
            )
        } catch is PoisonEvent {
            // What is too large to be kept does without; it stops nothing.
            return []
        } catch let error as StoreError where error.code == .erased {
            return []
        }
    }

    /// The stored documents of a page's streams; one that cannot be read is folded anew.
    private func stored(
        _ page: ProjectionPage
    ) async throws -> (table: Int64, states: [BlindTag: State]) {
        let tags = Set(page.events.compactMap(\.stored.stream))
        let (version, name, tenant) = (version, name, page.tenant)
        let (table, rows) = try await reader.pinned(tenant) { connection in
            let oid = try version.oids(connection, name, ["document"])[0]
            let size = try DocumentRow.size(connection, version.table("document"), tenant, tags)
            guard size <= ReplayLimits.storedBytes || tags.count == 1 else { throw PageTooLarge() }
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
                let folded = try await refold(row, page)
                (state.stream, state.content) = (folded?.stream ?? "", folded?.content)
            }
            states[row.stream] = state
        }
        return (table, states)
    }

    /// A stored document that cannot be opened, from the log; gone where the log was erased too.
    private func refold(
        _ row: DocumentRow,
        _ page: ProjectionPage
    ) async throws -> FoldedStream? {
        do throws(StoreError) {
            return try await streams.fold(
                page.tenant,
                row.stream,
                before: row.position + 1,
                skipping: Set(page.skipped.map(\.position))
            )
        } catch {
            switch error.code {
            case .erased: return nil
            case .misconfigured:
                let first = page.events.first { $0.stored.stream == row.stream }
                throw PoisonEvent(at: first?.stored.position ?? row.position, error.message)
            default: throw error
            }
        }
    }

    private func apply(
        _ event: OpenedEvent,
        to state: inout State,
        _ tag: BlindTag,
        _ page: ProjectionPage
    ) async throws {
        let position = event.stored.position
        do {
            let input = try FoldEvent(event)
            if let next = state.next, input.version != next {
                throw FoldError(.gap, at: next)
            }
            if input.operation == .revert {
                let folded = try await streams.fold(
                    page.tenant,
                    tag,
                    before: position + 1,
                    skipping: Set(page.skipped.map(\.position))
                )
                state.content = folded?.content
            } else {
                try StreamFold.apply(input, to: &state.content)
            }
            state.version = input.version
            state.position = position
            if case .content(let envelope) = event.envelope { state.stream = envelope.stream }
            state.takeSnapshot(leaf: event.stored.leaf)
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
    let gone: [BlindTag]
    let snapshots: [DocumentRow]

    func write(on connection: Connection) throws {
        try connection.put(snapshots: snapshots, of: tenant)
        var columns = DocumentColumns()
        for row in rows {
            columns.append(row)
            guard columns.byteCount >= ReplayLimits.callBytes else { continue }
            try put(columns, [], connection)
            columns = DocumentColumns()
        }
        try put(columns, gone, connection)
    }

    private func put(
        _ columns: DocumentColumns,
        _ gone: [BlindTag],
        _ connection: Connection
    ) throws(PostgresError) {
        var absent = ArrayColumn(.uuid)
        for tag in gone { tag.withUnsafeBytes { absent.append($0) } }
        _ = try connection.query(
            "SELECT tally.put_documents(($1::bigint)::oid, $2, $3, $4, $5, $6, $7, $8, $9)",
            [.bigint(table), .uuid(tenant.bytes)] + columns.parameters + [Parameter(absent)]
        )
    }
}

/// The parallel arrays of `tally.put_documents`.
struct DocumentColumns {
    private var streams = ArrayColumn(.uuid)
    private var collections = ArrayColumn(.bytea)
    private var positions = ArrayColumn(.bigint)
    private var versions = ArrayColumn(.integer)
    private var digests = ArrayColumn(.bytea)
    private var bodies = ArrayColumn(.bytea)

    /// The bytes of the bodies.
    var byteCount: Int { bodies.byteCount }

    mutating func append(_ row: DocumentRow) {
        row.stream.withUnsafeBytes { streams.append($0) }
        row.collection.withUnsafeBytes { collections.append($0) }
        positions.append(Int64(row.position))
        versions.append(Int32(clamping: row.version))
        row.digest.withUnsafeBytes { digests.append($0) }
        bodies.append(row.body)
    }

    var parameters: [Parameter] {
        [streams, collections, positions, versions, digests, bodies].map { Parameter($0) }
    }
}

extension DocumentRow {
    /// The bytes of the rows of some streams.
    static func size(
        _ connection: Connection,
        _ table: String,
        _ tenant: TenantID,
        _ streams: Set<BlindTag>
    ) throws(PostgresError) -> Int {
        var column = ArrayColumn(.uuid)
        for stream in streams { stream.withUnsafeBytes { column.append($0) } }
        return Int(
            try connection.query(
                """
                SELECT coalesce(sum(octet_length(body)), 0)::bigint FROM \(table)
                WHERE tenant_id = $1 AND stream = ANY ($2)
                """,
                [.uuid(tenant.bytes), Parameter(column)]
            ).integer(0, 0)
        )
    }

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
                SELECT stream, collection_tag, position, version, digest, body FROM \(table)
                WHERE tenant_id = $1 AND stream = ANY ($2)
                """,
                [.uuid(tenant.bytes), Parameter(column)]
            )
        )
    }
}
