// The names behind subjects' tags, for people who decide about them. A tag gives no name away: it
// is found in an event that was sealed under the subject's key, as long as that can be opened.

package import TallyCore
internal import TallyReplay
internal import TallyStore

/// Finds subjects' names, each once.
package struct SubjectNames {
    private struct Subject: Hashable {
        let tenant: TenantID
        let tag: BlindTag
    }

    /// Events of a subject that are opened to find one whose section can still be read.
    private static let tried = 16

    private let search: EventSearch
    private var known: [Subject: String?] = [:]

    /// Reads a ledger's events with its keys.
    package init(_ context: DecisionContext) {
        search = EventSearch(pool: context.pools.readers, vault: context.vault)
    }

    /// The name of a subject; `nil` when it was erased, or when the trail has not come to its
    /// events.
    ///
    /// - Complexity: a look-up in the trail, and the opening of a few events.
    package mutating func name(
        _ tag: BlindTag,
        in tenant: TenantID
    ) async throws(Problem) -> String? {
        let subject = Subject(tenant: tenant, tag: tag)
        if let name = known[subject] { return name }
        let events: [OpenedEvent]
        events = try await search.first(Self.tried, of: tag, in: tenant)
        let name = events.lazy.flatMap(\.sections).compactMap { section in
            guard case .content(let section) = section, section.keyName.subjectTag == tag
            else { return nil as String? }
            return section.name.subject
        }.first
        known[subject] = name
        return name
    }
}
