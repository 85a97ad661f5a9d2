// The projection that keeps a row for each document of a collection in a table of real columns.

package import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Folds events into documents, and documents into rows.
package struct TableProjection: EventProjection {
    package let definition: TableDefinition
    package let version: ProjectionVersion
    let projectors: Session
    let streams: StreamReader
    private let reader: DocumentReader

    package var name: String { definition.name }
    var statements: TableStatements { TableStatements(definition, version) }

    /// Keeps the rows of a version.
    ///
    /// - Parameters:
    ///   - definition: the version's.
    ///   - version: the live one, or the one that is built beside it.
    ///   - readers: connections of role tally_reader.
    ///   - projectors: connections of role tally_projector.
    ///   - vault: the ledger's keys.
    package init(
        _ definition: TableDefinition,
        version: ProjectionVersion,
        readers: ConnectionPool,
        projectors: ConnectionPool,
        vault: Vault
    ) {
        self.definition = definition
        self.version = version
        self.projectors = Session(pool: projectors)
        streams = StreamReader(pool: readers, vault: vault)
        reader = DocumentReader(pool: readers, vault: vault)
    }

    /// A stream of the collection as a page leaves it.
    private struct Touched {
        let stream: String
        var version = 0
        var position = 0
    }

    /// Works out the rows of the documents that a page changes.
    package func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange {
        let (tenant, name) = (page.tenant, name)
        let skipped = try await projectors.scoped(tenant) {
            try ProjectionStops.skipped($0, tenant, name)
        }
        let touched = try touched(page, skipped)
        do {
            return try await change(page, touched, skipped)
        } catch let mismatch as ColumnMismatch {
            throw try Self.blame(page, mismatch.reason)
        } catch let error as Problem where error.code == .misconfigured {
            throw try Self.blame(page, error.message)
        }
    }

    /// The one event of a page that cannot be applied; a longer page is taken apart first.
    private static func blame(_ page: ProjectionPage, _ reason: String) throws -> PoisonEvent {
        guard page.events.count == 1 else { throw PageTooLarge() }
        return PoisonEvent(at: page.events[0].stored.position, reason)
    }

    /// Makes the row of the event's document again.
    package func unskip(
        _ event: SkippedEvent,
        of tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int>
    ) async throws -> any ProjectionChange {
        guard let tag = event.stream else { throw event.isMissing }
        let folded = try await streams.fold(tenant, tag, before: position, skipping: skipped)
        var change = TableChange(
            projection: name,
            version: version,
            statements: statements,
            tenant: tenant,
            rows: [],
            gone: []
        )
        guard let folded, isOurs(folded.stream) else { return change }
        do throws(ColumnMismatch) {
            if let content = folded.content {
                change.rows = [try TableRow(folded, content, definition)]
            } else {
                change.gone = [folded.stream]
            }
        } catch {
            throw Problem(PoisonEvent(at: event.position, error.reason))
        }
        return change
    }

    private func touched(
        _ page: ProjectionPage,
        _ skipped: Set<Int>
    ) throws -> [BlindTag: Touched] {
        var touched: [BlindTag: Touched] = [:]
        for event in page.events where !skipped.contains(event.stored.position) {
            guard let tag = event.stored.stream, let version = event.stored.version,
                let envelope = try Self.envelope(event), isOurs(envelope.stream)
            else { continue }
            touched[tag, default: Touched(stream: envelope.stream)].version = version
            touched[tag]?.position = event.stored.position
        }
        return touched
    }

    /// The envelope of a caller's event that can be read; what was erased is in no table.
    private static func envelope(_ event: OpenedEvent) throws -> Envelope? {
        guard let envelope = event.envelope else { return nil }
        if case .erased = envelope { return nil }
        do throws(Problem) {
            return try event.open(envelope)
        } catch {
            throw PoisonEvent(at: event.stored.position, error.message)
        }
    }

    /// Whether a stream lies in the table's collection.
    func isOurs(_ stream: String) -> Bool {
        stream.collection.utf8.elementsEqual(definition.collection.utf8)
    }

    private func change(
        _ page: ProjectionPage,
        _ touched: [BlindTag: Touched],
        _ skipped: Set<Int>
    ) async throws -> TableChange {
        let contents = try await reader.contents(
            page.tenant,
            touched.mapValues(\.version),
            skipping: skipped
        )
        var (rows, gone): ([TableRow], [String]) = ([], [])
        for (tag, stream) in touched.sorted(by: { $0.key < $1.key }) {
            guard let content = contents[tag] else {
                gone.append(stream.stream)
                continue
            }
            let document = FoldedStream(
                stream: stream.stream,
                version: stream.version,
                position: stream.position,
                content: content
            )
            rows.append(try TableRow(document, content, definition))
        }
        return TableChange(
            projection: name,
            version: version,
            statements: statements,
            tenant: page.tenant,
            rows: rows,
            gone: gone
        )
    }
}

/// What a page changes in a table.
private struct TableChange: ProjectionChange {
    let projection: String
    let version: ProjectionVersion
    let statements: TableStatements
    let tenant: TenantID
    var rows: [TableRow]
    var gone: [String]

    func write(on connection: Connection) throws {
        try version.hold(connection, projection, [projection], in: "tally_tables")
        try connection.query(statements.upsert, tenant, rows)
        guard !gone.isEmpty else { return }
        var streams = ArrayColumn(.text)
        for stream in gone { streams.append(Array(stream.utf8)) }
        _ = try connection.query(statements.remove, [.uuid(tenant.bytes), Parameter(streams)])
    }
}
