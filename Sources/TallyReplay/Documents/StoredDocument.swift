// Documents as they are kept: sealed part by part under the same keys as the events they come from.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// A row of the table of documents.
struct DocumentRow: Sendable {
    let stream: BlindTag
    let collection: BlindTag
    let position: Int
    let version: Int
    let digest: Digest
    let body: [UInt8]
    /// What its ciphertext is bound to besides its place, if it is a snapshot.
    var snapshot: SnapshotBinding?

    static func read(_ rows: Rows) throws(PostgresError) -> [DocumentRow] {
        var found: [DocumentRow] = []
        for row in 0..<rows.count {
            let position = try? rows.natural(row, 2)
            let version = try? rows.natural(row, 3)
            // No document is sealed as version 0, so a row with numbers that cannot be opens to
            // nothing, and the log is asked.
            let isSound = position != nil && version != nil
            found.append(
                DocumentRow(
                    stream: BlindTag(try rows.bytes(row, 0)) ?? .zero,
                    collection: BlindTag(try rows.bytes(row, 1)) ?? .zero,
                    position: position ?? 0,
                    version: isSound ? version ?? 0 : 0,
                    digest: Digest(try rows.bytes(row, 4)) ?? .zero,
                    body: try rows.bytes(row, 5)
                )
            )
        }
        return found
    }
}

/// Seals and opens stored documents.
struct DocumentVault: Sendable {
    let vault: Vault

    /// What a stored document says.
    struct Content: Sendable {
        let stream: String
        let content: DocumentContent
    }

    /// The tags of the collections that streams lie in.
    func collectionTags(
        _ streams: [String],
        _ tenant: TenantID
    ) async throws(StoreError) -> [BlindTag] {
        let index = try await vault.index(tenant)
        return streams.map { index.tag(.collection, $0.collection) }
    }

    // MARK: - Sealing

    /// Seals documents under the keys of their tenant and subjects.
    ///
    /// - Throws: `erased` when a subject was erased since its section was opened; a ``PoisonEvent``
    ///   for a document that has grown beyond the format's bounds.
    func seal(
        _ documents: [(stream: BlindTag, document: FoldedStream, content: DocumentContent)],
        of tenant: TenantID,
        snapshots: [BlindTag: SnapshotBinding] = [:]
    ) async throws -> [DocumentRow] {
        guard !documents.isEmpty else { return [] }
        do {
            let index = try await vault.indexKey(tenant)
            let dataKey = try await vault.dataKey(tenant, seals: documents.count)
            var rows: [DocumentRow] = []
            rows.reserveCapacity(documents.count)
            for (stream, document, content) in documents {
                let data = content.data.canonical()
                let sections = content.personal.sorted { $0.key < $1.key }
                    .map { (name: $0.key, data: $0.value.canonical()) }
                try Self.check([data] + sections.map(\.data), document)
                let names = sections.map { KeyName($0.name, index) }
                let keys = [dataKey] + (try await vault.subjectKeys(tenant, names))
                let plaintexts =
                    [Self.encode(document.stream, data, content)]
                    + sections.map { name, data in
                        Personal(name: name, data: .packed(data)).encoded()
                    }
                rows.append(
                    DocumentRow(
                        stream: stream,
                        collection: index.tag(.collection, document.stream.collection),
                        position: document.position,
                        version: document.version,
                        digest: index.digest(of: content, stream),
                        body: try seal(
                            plaintexts,
                            keys,
                            place(tenant, stream, document.version, keys.count, snapshots[stream])
                        )
                    )
                )
            }
            return rows
        } catch let error as VaultError {
            throw StoreError(error)
        }
    }

    /// Patches can make a document larger than any event may be.
    private static func check(
        _ parts: [[UInt8]],
        _ document: FoldedStream
    ) throws(PoisonEvent) {
        guard FormatLimits.documentPartCount.contains(parts.count) else {
            throw PoisonEvent(at: document.position, "the document has \(parts.count - 1) sections")
        }
        for part in parts where !FormatLimits.data.contains(part.count) {
            throw PoisonEvent(at: document.position, "the document has \(part.count) bytes")
        }
    }

    private static func encode(
        _ stream: String,
        _ data: [UInt8],
        _ content: DocumentContent
    ) -> [UInt8] {
        DocumentPart(
            stream: stream,
            data: .packed(data),
            erasedParts: content.erasedParts,
            partDigests: content.partDigests
        ).encoded()
    }

    private func seal(
        _ plaintexts: [[UInt8]],
        _ keys: [SecretKey],
        _ place: DocumentPlace
    ) throws(VaultError) -> [UInt8] {
        var parts: [[UInt8]] = []
        do throws(CryptoError) {
            for (number, (plaintext, key)) in zip(plaintexts, keys).enumerated() {
                let associated = place.associated(index: number, keyID: key.id)
                let part = try SealedPart(
                    sealing: plaintext,
                    under: key,
                    associated: associated
                )
                parts.append(part.encoded())
            }
        } catch {
            throw VaultError(.provider, error.description)
        }
        return DocumentBody.encode(parts)
    }

    private func place(
        _ tenant: TenantID,
        _ stream: BlindTag,
        _ version: Int,
        _ partCount: Int,
        _ snapshot: SnapshotBinding?
    ) -> DocumentPlace {
        DocumentPlace(
            ledger: vault.ledger,
            tenant: tenant,
            stream: stream,
            version: UInt64(version),
            partCount: partCount,
            snapshot: snapshot
        )
    }

    // MARK: - Opening

    /// Opens documents; one of which a part cannot be read is left out, and the log has to be asked.
    func open(
        _ rows: [DocumentRow],
        of tenant: TenantID
    ) async throws(StoreError) -> [BlindTag: Content] {
        var framed: [(row: DocumentRow, parts: [SealedPart])] = []
        for row in rows {
            guard let parts = try? DocumentBody.decode(row.body) else { continue }
            framed.append((row, parts))
        }
        let ids = Set(framed.flatMap { $0.parts.map(\.keyID) })
        guard !ids.isEmpty else { return [:] }
        let keys: [KeyID: KeyFinding]
        do throws(VaultError) {
            keys = try await vault.openingKeys(tenant, ids)
        } catch {
            throw StoreError(error)
        }
        var contents: [BlindTag: Content] = [:]
        for (row, parts) in framed { contents[row.stream] = open(row, parts, keys, tenant) }
        return contents
    }

    private func open(
        _ row: DocumentRow,
        _ parts: [SealedPart],
        _ keys: [KeyID: KeyFinding],
        _ tenant: TenantID
    ) -> Content? {
        let place = place(tenant, row.stream, row.version, parts.count, row.snapshot)
        var plaintexts: [[UInt8]] = []
        for (index, part) in parts.enumerated() {
            guard case .live(let key, let name) = keys[part.keyID],
                name.kind == (index == 0 ? .data : .subject)
            else { return nil }
            let associated = place.associated(index: index, keyID: part.keyID)
            guard let bytes = try? part.open(with: key, associated: associated) else {
                return nil
            }
            plaintexts.append(bytes)
        }
        return try? Self.decode(plaintexts)
    }

    private static func decode(_ plaintexts: [[UInt8]]) throws -> Content {
        let part = try DocumentPart(decoding: plaintexts[0])
        var content = DocumentContent()
        content.data = try JSONReader.parse(part.data.unpacked())
        content.erasedParts = part.erasedParts
        content.partDigests = part.partDigests
        for plaintext in plaintexts.dropFirst() {
            let personal = try Personal(decoding: plaintext)
            content.personal[personal.name] = try JSONReader.parse(personal.data.unpacked())
        }
        return Content(stream: part.stream, content: content)
    }
}

extension KeyName {
    /// The key of a personal section.
    init(_ name: PersonalName, _ index: IndexKey) {
        self.init(
            .subject,
            subjectTag: index.tag(.subject, name.subject),
            retentionClass: name.retentionClass
        )
    }
}
