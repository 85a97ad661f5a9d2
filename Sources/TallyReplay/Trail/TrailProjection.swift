// The projection behind filters: which events have which type, actor, subject or collection, as
// blind tags.

internal import Synchronization
package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Writes the tags of events and the words behind new ones.
package final class TrailProjection: EventProjection {
    package let name = BuiltInProjection.trail
    package let version: ProjectionVersion
    let projectors: Session
    let vault: Vault
    /// Words that are known to be stored.
    private let known = Mutex<Set<KnownWord>>([])

    private struct KnownWord: Hashable {
        let tenant: TenantID
        let tag: BlindTag
    }

    /// Keeps the trail of a version, with connections of role tally_projector.
    package init(version: ProjectionVersion, projectors: ConnectionPool, vault: Vault) {
        self.version = version
        self.projectors = Session(pool: projectors)
        self.vault = vault
    }

    /// Works out the tags of a page.
    package func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange {
        try await change(page.events, page.tenant)
    }

    /// Adds the event's tags.
    package func unskip(
        _ event: SkippedEvent,
        of tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int>
    ) async throws -> any ProjectionChange {
        let rows = try await projectors.scoped(tenant) {
            try Session.events($0, tenant, at: [event.position])
        }
        let events = try await EventOpener(vault: vault).open(rows, of: tenant)
        guard !events.isEmpty else { throw event.isMissing }
        do {
            return try await change(events, tenant)
        } catch let poison as PoisonEvent {
            throw Problem(poison)
        }
    }

    private func change(
        _ events: [OpenedEvent],
        _ tenant: TenantID
    ) async throws -> TrailChange {
        let (version, name) = (version, name)
        let tables = try await projectors.pinned(tenant) {
            try version.oids($0, name, ["event_tag", "dictionary"])
        }
        let entries = try await entries(events, tenant)
        var change = TrailChange(tables: tables, tenant: tenant)
        for (tag, position) in entries.tags { change.add(tag, at: position) }
        try await addWords(entries.words, to: &change)
        return change
    }

    /// The tags of events, and the words behind those of types and collections.
    func entries(
        _ events: [OpenedEvent],
        _ tenant: TenantID
    ) async throws -> (tags: [(tag: BlindTag, position: Int)], words: [BlindTag: TrailWord]) {
        var entries: [(tag: BlindTag, position: Int)] = []
        var words: [BlindTag: TrailWord] = [:]
        for event in events {
            guard let envelope = try Self.envelope(event) else { continue }
            // Asked for only here: an erased tenant has none, and nothing to put into a trail.
            let index = try await vault.indexKey(tenant)
            let found = [
                TrailWord(.type, envelope.type), TrailWord(.collection, envelope.stream.collection),
            ]
            // By the key and not by the name inside: whoever is erased is found by it to the last.
            var tags = event.subjectTags
            for word in found {
                let tag = word.tag(index)
                words[tag] = word
                tags.insert(tag)
            }
            if !envelope.actor.isEmpty { tags.insert(index.tag(.actor, envelope.actor)) }
            for tag in tags { entries.append((tag, event.stored.position)) }
        }
        return (entries, words)
    }

    /// The envelope of a caller's event that can be read; erased ones leave no trail.
    private static func envelope(_ event: OpenedEvent) throws -> Envelope? {
        switch event.envelope {
        case nil, .erased: return nil
        case .content(let envelope): return envelope
        case .keyLost:
            throw PoisonEvent(
                at: event.stored.position,
                "it was sealed under a key that the key store lacks"
            )
        case .damaged(let reason): throw PoisonEvent(at: event.stored.position, reason)
        }
    }

    private func addWords(_ words: [BlindTag: TrailWord], to change: inout TrailChange) async throws
    {
        let tenant = change.tenant
        let new = known.withLock { known in
            if known.count > ReplayLimits.knownWords { known.removeAll() }
            return words.filter { !known.contains(KnownWord(tenant: tenant, tag: $0.key)) }
        }
        guard !new.isEmpty else { return }
        for (tag, word) in try await seal(new, tenant) { change.add(tag, word: word) }
        change.onCommit = { [self] in
            known.withLock { known in
                for tag in new.keys { known.insert(KnownWord(tenant: tenant, tag: tag)) }
            }
        }
    }

    /// Seals words under the tenant's data key.
    func seal(
        _ words: [BlindTag: TrailWord],
        _ tenant: TenantID
    ) async throws -> [(tag: BlindTag, sealed: [UInt8])] {
        guard !words.isEmpty else { return [] }
        let key = try await vault.dataKey(tenant, seals: words.count)
        return try words.sorted { $0.key < $1.key }.map { tag, word in
            let associated = TrailWord.associated(
                ledger: vault.ledger,
                tenant: tenant,
                tag: tag,
                keyID: key.id
            )
            let part = try SealedPart(
                sealing: word.encoded(),
                under: key,
                associated: associated
            )
            return (tag, part.encoded())
        }
    }
}

/// What a page adds to the trail.
struct TrailChange: ProjectionChange {
    let tables: [Int64]
    let tenant: TenantID
    var onCommit: @Sendable () -> Void = {}
    private var tags = ArrayColumn(.bytea)
    private var positions = ArrayColumn(.bigint)
    private var wordTags = ArrayColumn(.bytea)
    private var words = ArrayColumn(.bytea)

    init(tables: [Int64], tenant: TenantID) {
        self.tables = tables
        self.tenant = tenant
    }

    mutating func add(_ tag: BlindTag, at position: Int) {
        tag.withUnsafeBytes { tags.append($0) }
        positions.append(Int64(position))
    }

    mutating func add(_ tag: BlindTag, word: [UInt8]) {
        tag.withUnsafeBytes { wordTags.append($0) }
        words.append(word)
    }

    func write(on connection: Connection) throws {
        _ = try connection.query(
            """
            SELECT tally.put_tags(($1::bigint)::oid, ($2::bigint)::oid, $3, $4, $5, $6, $7)
            """,
            [.bigint(tables[0]), .bigint(tables[1]), .integer(try connection.slot(of: tenant))]
                + [tags, positions, wordTags, words].map { Parameter($0) }
        )
    }

    func committed() { onCommit() }
}
