// Opens stored events: one question to the key store for a whole page, then each part in place.

package import TallyCore
internal import TallyCrypto
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
        _ events: [StoredEvent],
        of tenant: TenantID
    ) async throws(Problem) -> [OpenedEvent] {
        let framed = events.map { FramedEvent($0) }
        let ids = Self.keyIDs(framed)
        let keys: [KeyID: KeyFinding]
        do throws(VaultError) {
            keys = ids.isEmpty ? [:] : try await vault.openingKeys(tenant, ids)
        } catch {
            throw Problem(error)
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

extension EventOpener {
    /// The ids of all keys; most parts lie under the same one as the part before.
    fileprivate static func keyIDs(_ events: [FramedEvent]) -> Set<KeyID> {
        var ids: Set<KeyID> = []
        var last: KeyID?
        for event in events {
            event.forEachKeyID { id in
                guard id != last else { return }
                ids.insert(id)
                last = id
            }
        }
        return ids
    }
}

/// A part of a stored event before it is opened.
private enum FramedPart {
    case whole(Part)
    case purged
    case damaged(String)
}

/// An event between its bytes and its contents.
private struct FramedEvent {
    private let stored: StoredEvent
    private let leaf: Leaf?
    private let parts: [FramedPart]

    init(_ stored: StoredEvent) {
        self.stored = stored
        let leaf = try? Leaf(decoding: stored.leaf)
        self.leaf = leaf
        parts = leaf.map { Self.parts(stored, $0) } ?? []
    }

    /// The parts; all damaged where the body's lengths do not add up.
    private static func parts(_ stored: StoredEvent, _ leaf: Leaf) -> [FramedPart] {
        guard let slices = try? EventBody.decode(stored.body, leaf: leaf) else {
            return leaf.partDigests.map { _ in .damaged("the body is not in the format") }
        }
        return slices.map { slice in
            guard !slice.isEmpty else { return .purged }
            do throws(FormatError) {
                return .whole(try Part(decoding: slice, kind: leaf.kind))
            } catch {
                return .damaged(error.description)
            }
        }
    }

    func forEachKeyID(_ body: (KeyID) -> Void) {
        for case .whole(.sealed(let sealed)) in parts { body(sealed.keyID) }
    }

    /// The event opened; `nil` when its leaf breaks the format, which verify reports.
    func open(
        ledger: LedgerID,
        tenant: TenantID,
        keys: [KeyID: KeyFinding]
    ) -> OpenedEvent? {
        guard let leaf else { return nil }
        var clear: [UInt8]?
        if case .whole(.clear(let json)) = parts.first { clear = json }
        let place = PartPlace(
            ledger: ledger,
            tenant: tenant,
            eventID: leaf.eventID,
            kind: leaf.kind,
            partCount: leaf.partDigests.count
        )
        let isSealed = leaf.kind.isSealed && !parts.isEmpty
        return OpenedEvent(
            stored: stored,
            leaf: leaf,
            clear: clear,
            envelope: isSealed ? Self.envelope(open(0, place, keys)) : nil,
            sections: isSealed
                ? parts.indices.dropFirst().map { Self.section(open($0, place, keys)) } : [],
            subjectTags: isSealed ? Self.subjectTags(parts, keys) : []
        )
    }

    /// Whose keys sealed the sections, those that were destroyed included.
    private static func subjectTags(
        _ parts: [FramedPart],
        _ keys: [KeyID: KeyFinding]
    ) -> Set<BlindTag> {
        var tags: Set<BlindTag> = []
        for case .whole(.sealed(let part)) in parts.dropFirst() {
            switch keys[part.keyID] {
            case .live(_, let name), .destroyed(let name): tags.insert(name.subjectTag)
            case .damaged, .unknown, nil: continue
            }
        }
        return tags
    }

    private typealias Plaintext = Opened<(bytes: [UInt8], key: KeyName)>

    private func open(
        _ index: Int,
        _ place: PartPlace,
        _ keys: [KeyID: KeyFinding]
    ) -> Plaintext {
        switch parts[index] {
        case .purged: .erased
        case .damaged(let reason): .damaged(reason)
        case .whole(.clear): .damaged("part \(index) is not sealed")
        case .whole(.sealed(let part)): open(part, index, place, keys)
        }
    }

    private func open(
        _ part: SealedPart,
        _ index: Int,
        _ place: PartPlace,
        _ keys: [KeyID: KeyFinding]
    ) -> Plaintext {
        switch keys[part.keyID] {
        case .destroyed: return .erased
        case .damaged, .unknown, nil: return .keyLost
        case .live(let key, let name):
            guard name.kind == (index == 0 ? .data : .subject) else {
                return .damaged("part \(index) lies under a key of another kind")
            }
            let associated = place.associated(index: index, keyID: part.keyID)
            guard let bytes = try? part.open(with: key, associated: associated) else {
                return .damaged("part \(index) does not open under its key")
            }
            return .content((bytes, name))
        }
    }

    private static func envelope(_ plaintext: Plaintext) -> Opened<Envelope> {
        map(plaintext) { (bytes, _) throws(FormatError) in
            let envelope = try Envelope(decoding: bytes)
            _ = try envelope.data.unpacked()
            return envelope
        }
    }

    private static func section(_ plaintext: Plaintext) -> Opened<OpenedSection> {
        map(plaintext) { (bytes, key) throws(FormatError) in
            let personal = try Personal(decoding: bytes)
            _ = try personal.data.unpacked()
            let owner = KeyNameOfPart(
                subjectTag: key.subjectTag,
                retentionClass: key.retentionClass
            )
            return OpenedSection(
                name: personal.name,
                packed: personal.data,
                keyName: owner
            )
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
}
