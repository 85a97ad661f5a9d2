// Documents as they are kept: sealed part by part under the same keys as the events they come from.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

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
    ) async throws(Problem) -> [BlindTag] {
        let index = try await vault.index(tenant)
        return streams.map { index.tag(.collection, $0.collection) }
    }

    // MARK: - Sealing

    /// Seals documents under the keys of their tenant and subjects.
    ///
    /// One beyond ``ReplayLimits/keptBytes`` is not kept, and has a row without a body.
    /// - Parameters:
    ///   - documents: streams with a document, or with one that is too large to be read.
    ///   - tenant: whose they are.
    ///   - snapshots: what those are bound to that are snapshots.
    /// - Returns: a row for each.
    /// - Throws: `erased` when a subject was erased since its section was opened.
    func seal(
        _ documents: [(stream: BlindTag, document: FoldedStream)],
        of tenant: TenantID,
        snapshots: [BlindTag: SnapshotBinding] = [:]
    ) async throws(Problem) -> [DocumentRow] {
        guard !documents.isEmpty else { return [] }
        do throws(VaultError) {
            let index = try await vault.indexKey(tenant)
            let dataKey = try await vault.dataKey(tenant, seals: documents.count)
            var rows: [DocumentRow] = []
            rows.reserveCapacity(documents.count)
            for (stream, document) in documents {
                let draft = DocumentDraft(stream, document, index, snapshots[stream])
                guard draft.isKept else {
                    rows.append(draft.row(body: nil))
                    continue
                }
                let keys = [dataKey] + (try await vault.subjectKeys(tenant, draft.keyNames))
                rows.append(draft.row(body: try seal(draft, keys, tenant)))
            }
            return rows
        } catch {
            throw Problem(error)
        }
    }

    private func seal(
        _ draft: DocumentDraft,
        _ keys: [SecretKey],
        _ tenant: TenantID
    ) throws(VaultError) -> [UInt8] {
        let place = place(
            tenant,
            draft.stream,
            draft.document.version,
            keys.count,
            draft.snapshot
        )
        return try seal(draft.plaintexts(), keys, place)
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

    /// Opens documents; one of which a part cannot be read is left out, and the log has to be
    /// asked.
    func open(
        _ rows: [DocumentRow],
        of tenant: TenantID
    ) async throws(Problem) -> [BlindTag: Content] {
        var framed: [(row: DocumentRow, parts: [SealedPart])] = []
        for row in rows {
            guard let body = row.body, let parts = try? DocumentBody.decode(body) else { continue }
            framed.append((row, parts))
        }
        let ids = Set(framed.flatMap { $0.parts.map(\.keyID) })
        guard !ids.isEmpty else { return [:] }
        let keys: [KeyID: KeyFinding]
        do throws(VaultError) {
            keys = try await vault.openingKeys(tenant, ids)
        } catch {
            throw Problem(error)
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
        content.weigh()
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
