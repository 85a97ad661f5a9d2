// The names behind streams' blind tags, from an event of each.

package import TallyCore
package import TallyPostgres
package import TallyStore
package import TallyVault

/// Finds streams' names.
package struct StreamNames: Sendable {
    /// How many events of a stream are tried.
    private static let attempts = 8

    private let reader: Session
    private let opener: EventOpener

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        reader = Session(pool: pool)
        opener = EventOpener(vault: vault)
    }

    /// The newest event up to a version of each stream, as far as there is one.
    ///
    /// - Complexity: O(streams) index look-ups, a page of answers at a time.
    package func newest(
        _ tenant: TenantID,
        _ streams: [(stream: BlindTag, through: Int)]
    ) async throws(Problem) -> [BlindTag: OpenedEvent] {
        var found: [BlindTag: OpenedEvent] = [:]
        var rest = streams
        while case let page = try await reader.newest(tenant, rest, each: 1),
            let last = page.last
        {
            for event in try await opener.open(page.map(\.event), of: tenant) {
                if let stream = event.stored.stream { found[stream] = event }
            }
            rest.removeFirst(last.index + 1)
        }
        return found
    }

    /// The names of streams, as far as one of their newest events up to a version can be opened.
    package func names(
        _ tenant: TenantID,
        _ streams: [(stream: BlindTag, through: Int)]
    ) async throws(Problem) -> [BlindTag: String] {
        var names: [BlindTag: String] = [:]
        var rest = streams
        // An event may be damaged and left out: then an older one says it.
        for _ in 0..<Self.attempts where !rest.isEmpty {
            let found = try await newest(tenant, rest)
            for (stream, event) in found {
                guard case .content(let envelope) = event.envelope else { continue }
                names[stream] = envelope.stream
            }
            rest = rest.compactMap { stream, _ in
                guard names[stream] == nil, let version = found[stream]?.stored.version else {
                    return nil
                }
                return (stream, version - 1)
            }
        }
        return names
    }
}
