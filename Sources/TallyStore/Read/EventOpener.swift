// Opens stored events: one question to the key store for a whole page, then each part in place.

package import TallyCore
internal import TallyCrypto
internal import TallyLZ4
package import TallyVault

/// Opens events with the keys of a vault.
package struct EventOpener: Sendable {
    private let vault: Vault

    /// Opens with the keys of `vault`.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// Opens a page of a tenant's events.
    ///
    /// What cannot be opened is said so part by part; only a key store that is gone throws.
    package func open(
        _ events: [StoredEvent], of tenant: TenantID
    ) async throws(StoreError) -> [OpenedEvent] {
        let framed = events.map { FramedEvent($0) }
        let ids = Set(framed.flatMap(\.keyIDs))
        let keys: [KeyID: KeyFinding]
        do throws(VaultError) {
            keys = ids.isEmpty ? [:] : try await vault.openingKeys(tenant, ids)
        } catch {
            throw StoreError(error)
        }
        var opened: [OpenedEvent] = []
        opened.reserveCapacity(events.count)
        for event in framed {
            if let event = event.open(ledger: vault.ledger, tenant: tenant, keys: keys) {
                opened.append(event)
            }
        }
        return opened
    }
}

/// An event between its bytes and its contents.
private struct FramedEvent {
    private let stored: StoredEvent
    private let leaf: Leaf?
    private let parts: [Part?]

    init(_ stored: StoredEvent) {
        self.stored = stored
        let leaf = try? Leaf(decoding: stored.leaf)
        self.leaf = leaf
        let slices = leaf.flatMap {
            try? EventBody.decode(stored.body, count: $0.partDigests.count)
        }
        parts = (slices ?? []).map { $0.isEmpty ? nil : try? Part(decoding: Array($0)) }
    }

    var keyIDs: [KeyID] {
        parts.compactMap { part in
            if case .sealed(let sealed) = part { return sealed.keyID }
            return nil
        }
    }

    /// The event opened; `nil` when its leaf breaks the format, which verify reports.
    func open(
        ledger: LedgerID, tenant: TenantID, keys: [KeyID: KeyFinding]
    ) -> OpenedEvent? {
        guard let leaf else { return nil }
        var clear: [UInt8]?
        if case .clear(let json) = parts.first { clear = json }
        let place = PartPlace(
            ledger: ledger, tenant: tenant, eventID: leaf.eventID, kind: leaf.kind,
            partCount: leaf.partDigests.count)
        let contents = leaf.kind.isSealed ? parts.indices.map { open($0, place, keys) } : []
        return OpenedEvent(
            stored: stored, leaf: leaf, leafHash: leafHash, clear: clear,
            envelope: contents.first.map { Self.envelope($0) },
            sections: contents.dropFirst().map { Self.section($0) })
    }

    private var leafHash: Digest {
        var hash = SHA256()
        return Leaf.hash(stored.leaf, with: &hash)
    }

    private typealias Plaintext = Opened<(bytes: [UInt8], key: KeyName)>

    private func open(
        _ index: Int, _ place: PartPlace, _ keys: [KeyID: KeyFinding]
    ) -> Plaintext {
        guard case .sealed(let part) = parts[index] else { return .erased }
        switch keys[part.keyID] {
        case .destroyed: return .erased
        case .unknown, nil: return .keyLost
        case .live(let key, let name):
            let associated = place.associated(index: index, keyID: part.keyID)
            guard let bytes = try? part.open(with: key, associated: associated) else {
                return .damaged("part \(index) does not open under its key")
            }
            return .content((bytes, name))
        }
    }

    private static func envelope(_ plaintext: Plaintext) -> Opened<Envelope> {
        map(plaintext) { (bytes, _) throws(FormatError) in
            var envelope = try Envelope(decoding: bytes)
            envelope.data = try PartData(identity: Self.decompress(envelope.data))
            return envelope
        }
    }

    private static func section(_ plaintext: Plaintext) -> Opened<OpenedSection> {
        map(plaintext) { (bytes, key) throws(FormatError) in
            let personal = try Personal(decoding: bytes)
            let owner = KeyNameOfPart(
                subjectTag: key.subjectTag, retentionClass: key.retentionClass)
            return OpenedSection(
                name: personal.name, data: try Self.decompress(personal.data), keyName: owner)
        }
    }

    private static func map<Content>(
        _ plaintext: Plaintext,
        _ decode: ([UInt8], KeyName) throws(FormatError) -> Content
    ) -> Opened<Content> {
        switch plaintext {
        case .content(let opened):
            do throws(FormatError) {
                return .content(try decode(opened.bytes, opened.key))
            } catch {
                return .damaged(error.description)
            }
        case .erased: return .erased
        case .keyLost: return .keyLost
        case .damaged(let reason): return .damaged(reason)
        }
    }

    private static func decompress(_ data: PartData) throws(FormatError) -> [UInt8] {
        guard data.encoding == .lz4 else { return data.bytes }
        guard let bytes = LZ4Block.decompress(data.bytes, size: data.size) else {
            throw FormatError(.dataSize, in: "LZ4 block")
        }
        return bytes
    }
}
