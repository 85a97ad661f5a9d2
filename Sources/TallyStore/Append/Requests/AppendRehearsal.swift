// A dry run: judges requests one after the other as the append would, and stores nothing. What the
// requests before would have changed is remembered, so that a whole file can be tried.

public import TallyCore
internal import TallyCrypto
package import TallyPostgres
package import TallyVault

/// Says of one tenant's requests what their append would answer.
///
/// ```swift
/// var rehearsal = try acme.rehearsal()
/// let outcome = try await rehearsal.judge([event], request: "payment 4711")
/// ```
///
/// Nothing is written: no event, no request, no key. Somebody else may append meanwhile, so the
/// answer holds for the moment in which it is given.
public struct AppendRehearsal {
    /// What an append would answer to a request that it does not refuse.
    public enum Outcome: Sendable {
        /// It would be stored.
        case new
        /// It was stored before, and its receipts would be given.
        case stored([Receipt])
        /// A request before it in this rehearsal is the same.
        case repeated
    }

    private let writers: Session
    private let vault: Vault
    private let tenant: TenantID
    private let capacity: Int
    /// Versions of streams as the rehearsed requests would leave them.
    private var versions: [BlindTag: Int] = [:]
    private var requests: [ByteText: Digest] = [:]
    private var permitted: Set<KeyName> = []

    /// Reads through connections of role tally_writer.
    ///
    /// - Parameters:
    ///   - tenant: whose requests are judged.
    ///   - pool: connections to the ledger.
    ///   - vault: the ledger's keys; they are read, and none is made.
    ///   - capacity: how many requests, streams and subjects it remembers.
    package init(
        of tenant: TenantID,
        pool: ConnectionPool,
        vault: Vault,
        capacity: Int = StoreLimits.rehearsedRequests
    ) {
        writers = Session(pool: pool)
        self.vault = vault
        self.tenant = tenant
        self.capacity = capacity
    }

    /// Judges the next request.
    ///
    /// - Throws: what the append would throw; `tooLarge` when more was rehearsed than it remembers.
    public mutating func judge(
        _ events: [NewEvent],
        request id: String
    ) async throws(Problem) -> Outcome {
        let draft = try RequestDraft(events, request: id)
        guard requests.count + versions.count + permitted.count < capacity else {
            throw Self.full(capacity)
        }
        let index = try await index()
        let digest = draft.digest
        if let before = requests[ByteText(id)] {
            guard before == digest else { throw LaneWorker.requestReused }
            return .repeated
        }
        return try await judge(draft, digest, index)
    }

    private mutating func judge(
        _ draft: RequestDraft,
        _ digest: Digest,
        _ index: IndexKey
    ) async throws(Problem) -> Outcome {
        let streams = draft.events.map { $0.streamTag(index) }
        let found = try await judgement(draft.id.eventID(0, under: index), streams)
        if found.isKnown, let receipts = try await known.receipts(of: draft, for: tenant) {
            return .stored(receipts)
        }
        try await requireKeys(draft.keyNames(index))
        switch found.state {
        case .active: break
        case .frozen: throw LaneWorker.frozen
        case .erased: throw LaneWorker.erased
        }
        try move(draft.events, streams, from: found.versions)
        draft.id.text.map { requests[ByteText($0)] = digest }
        return .new
    }

    /// Moves the streams' versions past the events.
    private mutating func move(
        _ events: [EventDraft],
        _ streams: [BlindTag],
        from found: [BlindTag: Int]
    ) throws(Problem) {
        var moved: [BlindTag: Int] = [:]
        for (number, (event, stream)) in zip(events, streams).enumerated() {
            let current = moved[stream] ?? max(versions[stream] ?? 0, found[stream] ?? 0)
            guard event.expected.accepts(current) else {
                throw LaneWorker.versionConflict((number, current))
            }
            moved[stream] = current + 1
        }
        versions.merge(moved) { $1 }
    }

    private var known: KnownRequest { KnownRequest(writers: writers, vault: vault) }

    private func judgement(
        _ first: EventID,
        _ streams: [BlindTag]
    ) async throws(Problem) -> Judgement {
        let tenant = tenant
        let found = try await writers.run { connection in
            try LaneSession(connection: connection).judge(tenant, first, streams)
        }
        guard let found else { throw LaneWorker.unknownTenant }
        return found
    }

    private func index() async throws(Problem) -> IndexKey {
        do throws(VaultError) {
            return try await vault.indexKey(tenant)
        } catch {
            throw Problem(error)
        }
    }

    /// Refuses subjects who may have no key.
    private mutating func requireKeys(_ names: [KeyName]) async throws(Problem) {
        let unknown = Set(names).subtracting(permitted)
        guard !unknown.isEmpty else { return }
        do throws(VaultError) {
            guard try await vault.permitsKeys(tenant, unknown.sorted()) else {
                throw VaultError(.erased, "the data subject was erased and may have no key")
            }
        } catch {
            throw Problem(error)
        }
        permitted.formUnion(unknown)
    }

    private static func full(_ capacity: Int) -> Problem {
        Problem(
            .tooLarge,
            "a dry run of more requests, streams and subjects than \(capacity)",
            hint: "split the input, and try one part after the other"
        )
    }
}
