// The projection that keeps the newest document of each stream.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Folds events into stored documents, a page and each of its streams at a time.
package struct DocumentsProjection: EventProjection {
    package let name = BuiltInProjection.documents
    package let version: ProjectionVersion
    let reader: Session
    let streams: StreamReader
    let documents: DocumentVault
    let names: StreamNames

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
        reader = Session(pool: projectors)
        streams = StreamReader(pool: readers, vault: vault)
        documents = DocumentVault(vault: vault)
        names = StreamNames(pool: readers, vault: vault)
    }

    /// Folds a page onto the stored documents of its streams.
    package func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange {
        var (table, states) = try await stored(page)
        for skipped in page.skipped {
            // It counts as a version, and changes nothing.
            guard let tag = skipped.stream, let version = skipped.version else { continue }
            states[tag]?.skipped.insert(version)
        }
        var held = states.values.reduce(0) { $0 + $1.weight }
        for event in page.events {
            guard let tag = event.stored.stream, event.envelope != nil else { continue }
            let before = states[tag]?.weight ?? 0
            try await apply(event, to: &states[tag, default: DocumentState()], tag, page)
            held += (states[tag]?.weight ?? 0) - before
            guard held <= ReplayLimits.heldBytes || page.events.count == 1 else {
                throw PageTooLarge()
            }
        }
        for (tag, state) in states where state.isStale {
            try await refold(&states[tag, default: state], tag, page)
        }
        let present = states.filter(\.value.isPresent).sorted { $0.key < $1.key }
        return DocumentsChange(
            table: table,
            tenant: page.tenant,
            rows: try await documents.seal(
                present.map { ($0.key, $0.value.folded) },
                of: page.tenant
            ),
            gone: states.filter { !$0.value.isPresent }.map(\.key).sorted(),
            snapshots: try await snapshots(states, page.tenant)
        )
    }

    /// Folds the event's stream again.
    package func unskip(
        _ event: SkippedEvent,
        of tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int>
    ) async throws -> any ProjectionChange {
        guard let tag = event.stream else { throw event.isMissing }
        let (version, name) = (version, name)
        let table = try await reader.pinned(tenant) {
            try version.oids($0, name, ["document"])[0]
        }
        let folded = try await streams.fold(tenant, tag, before: position, skipping: skipped)
        let present = folded.flatMap { $0.content == nil ? nil : [(stream: tag, document: $0)] }
        return DocumentsChange(
            table: table,
            tenant: tenant,
            rows: try await documents.seal(present ?? [], of: tenant),
            gone: present == nil ? [tag] : [],
            snapshots: [],
            outdated: [tag]
        )
    }

    private func snapshots(
        _ states: [BlindTag: DocumentState],
        _ tenant: TenantID
    ) async throws -> [DocumentRow] {
        let found = states.compactMapValues(\.snapshot)
        do throws(Problem) {
            // What is too large to be kept does without.
            return try await documents.seal(
                found.map { ($0.key, $0.value.document) },
                of: tenant,
                snapshots: found.mapValues(\.binding)
            ).filter { $0.body != nil }
        } catch {
            guard error.code == .erased else { throw error }
            return []
        }
    }

    /// The stored documents of a page's streams; one that cannot be read has to be folded again.
    private func stored(
        _ page: ProjectionPage
    ) async throws -> (table: Int64, states: [BlindTag: DocumentState]) {
        let tags = Set(page.events.compactMap(\.stored.stream))
        let (version, name, tenant) = (version, name, page.tenant)
        let (table, rows) = try await reader.pinned(tenant) { connection in
            let oid = try version.oids(connection, name, ["document"])[0]
            let size = try DocumentRow.size(connection, version.table("document"), tenant, tags)
            guard size <= ReplayLimits.heldBytes || tags.count == 1 else { throw PageTooLarge() }
            let rows = try DocumentRow.read(connection, version.table("document"), tenant, tags)
            return (oid, rows)
        }
        let opened = try await documents.open(rows, of: tenant)
        var states: [BlindTag: DocumentState] = [:]
        for row in rows {
            var state = DocumentState(version: row.version, position: row.position)
            if let found = opened[row.stream] {
                (state.stream, state.content) = (found.stream, found.content)
            } else {
                state.isTooLarge = row.size == nil
                state.isStale = !state.isTooLarge
            }
            states[row.stream] = state
        }
        return (table, states)
    }

    /// Folds a document from the log that is not stored, or cannot be opened; it is gone where the
    /// log was erased too.
    private func refold(
        _ state: inout DocumentState,
        _ tag: BlindTag,
        _ page: ProjectionPage
    ) async throws {
        do throws(Problem) {
            let folded = try await streams.fold(
                page.tenant,
                tag,
                before: state.position + 1,
                skipping: Set(page.skipped.map(\.position))
            )
            state.become(folded?.content)
            if state.stream.isEmpty { state.stream = folded?.stream ?? "" }
        } catch {
            switch error.code {
            case .erased: state.become(nil)
            case .tooLarge: state.becomeTooLarge()
            case .misconfigured:
                let first = page.events.first { $0.stored.stream == tag }
                throw PoisonEvent(at: first?.stored.position ?? state.position, error.message)
            default: throw error
            }
        }
    }

    private func apply(
        _ event: OpenedEvent,
        to state: inout DocumentState,
        _ tag: BlindTag,
        _ page: ProjectionPage
    ) async throws {
        let position = event.stored.position
        do {
            let input = try FoldEvent(event)
            if let next = state.next, input.version != next {
                throw FoldError(.gap, at: next)
            }
            if state.isStale, input.operation == .patch { try await refold(&state, tag, page) }
            (state.version, state.position) = (input.version, position)
            if case .content(let envelope) = event.envelope { state.stream = envelope.stream }
            if input.operation == .revert {
                state.isStale = true
                try await refold(&state, tag, page)
            } else {
                try state.apply(input)
            }
            state.takeSnapshot(leaf: event.stored.leaf)
        } catch let error as FoldError {
            throw PoisonEvent(at: position, error.description)
        } catch let error as Problem where error.code == .erased {
            // The tenant was erased: no document of it can be known.
            state = DocumentState(version: event.stored.version, position: position)
        } catch let error as Problem where error.code == .misconfigured {
            throw PoisonEvent(at: position, error.message)
        } catch is PoisonEvent {
            throw PoisonEvent(at: position, "its stream cannot be folded")
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
    /// Streams whose snapshots are of no use any more.
    var outdated: [BlindTag] = []

    func write(on connection: Connection) throws {
        if !outdated.isEmpty { _ = try connection.dropSnapshots(of: outdated, tenant) }
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
        _ = try connection.query(
            """
            SELECT tally.put_documents(
                ($1::bigint)::oid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [.bigint(table), .integer(try connection.slot(of: tenant))] + columns.parameters
                + [Parameter(ArrayColumn(gone))]
        )
    }
}
