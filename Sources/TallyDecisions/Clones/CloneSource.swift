// The documents that a clone is made of, page by page, and their roots: that of the source's state,
// and one that the clone's documents must have, too, although their keys are others.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
package import TallyReplay
package import TallyVault

/// Two roots over the same documents.
package struct CloneRoots: Sendable, Equatable {
    /// The state root: over ciphertexts, the same before and after an erasure.
    package let state: Digest
    /// Over what can be read: the same in the source and in its clone.
    package let content: Digest
    /// How many documents there are.
    package let documents: Int
    /// Parts of them that cannot be read any more.
    package let erasedParts: Int
}

/// Reads the documents of a tenant as of a cut.
package struct CloneSource: Sendable {
    private let documents: DocumentReader
    private let vault: Vault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        documents = DocumentReader(pool: pool, vault: vault)
        self.vault = vault
    }

    /// Gives `body` the documents before a position, some at a time and always in the same order.
    ///
    /// - Throws: what `body` throws, and `misconfigured` when an event cannot be folded.
    package func read(
        _ tenant: TenantID,
        before position: Int,
        _ scope: CloneScope,
        _ body: ([FoldedStream]) async throws(Problem) -> Void
    ) async throws(Problem) {
        if case .stream(let tag) = scope {
            let document = try await documents.document(tenant, tag, before: position)
            guard let document, document.content != nil else { return }
            return try await body([document])
        }
        let index = try await vault.index(tenant)
        var next: BlindTag?
        repeat {
            let page = try await documents.documents(
                tenant,
                after: next,
                limit: ReplayLimits.pageEvents,
                before: position
            )
            guard page.tooLarge.isEmpty else { throw Self.tooLarge(page.tooLarge) }
            let found = page.documents.map(\.document).filter { scope.contains($0.stream, index) }
            if !found.isEmpty { try await body(found) }
            next = page.next
        } while next != nil
    }

    /// A clone is whole or it is not made: what cannot be read cannot be copied.
    private static func tooLarge(_ streams: [String]) -> Problem {
        Problem(
            .tooLarge,
            "\(streams.joined(separator: ", ")) cannot be read as a document: it is too large",
            hint: "copy a moment before it was, a collection without it, or single streams"
        )
    }

    /// The roots of a tenant's documents before a position, as the streams' tags in `source` sort
    /// them.
    ///
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - position: the first position that no longer counts.
    ///   - scope: which documents.
    ///   - source: the tenant whose index key is used: both sides of a comparison need the same
    ///     one.
    /// - Returns: the roots.
    /// - Throws: `misconfigured` when an event cannot be folded.
    /// - Complexity: O(documents); memory for two digests of each.
    package func roots(
        _ tenant: TenantID,
        before position: Int,
        _ scope: CloneScope,
        keyedBy source: TenantID
    ) async throws(Problem) -> CloneRoots {
        let index = try await vault.index(source)
        var (state, content): ([BlindTag: Digest], [BlindTag: Digest]) = ([:], [:])
        var erasedParts = 0
        try await read(tenant, before: position, scope) { page throws(Problem) in
            for document in page {
                guard let found = document.content else { continue }
                let tag = index.tag(.stream, document.stream)
                state[tag] = index.digest(of: found, tag)
                content[tag] = index.digest(of: found.readable, tag)
                erasedParts += found.erasedParts
            }
        }
        return CloneRoots(
            state: StateLeaves(state).root,
            content: StateLeaves(content).root,
            documents: state.count,
            erasedParts: erasedParts
        )
    }
}

extension CloneScope {
    /// Which documents, by the names of the source.
    package static func of(
        _ scope: RestoreScope,
        _ index: IndexKey
    ) throws(Problem) -> CloneScope {
        switch scope {
        case .tenant: return .tenant
        case .collection(let name): return .collection(index.tag(.collection, name))
        case .stream(let name): return .stream(index.tag(.stream, name))
        case .actor, .events:
            throw Problem(
                .invalid,
                "a clone is made of documents, not of changes",
                hint: "copy the tenant, a collection or a stream"
            )
        }
    }

    fileprivate func contains(_ stream: String, _ index: IndexKey) -> Bool {
        switch self {
        case .tenant: true
        case .collection(let tag): index.tag(.collection, stream.collection) == tag
        case .stream(let tag): index.tag(.stream, stream) == tag
        }
    }
}

extension DocumentContent {
    /// What can be read, with digests of the sections' texts instead of those of their ciphertexts.
    fileprivate var readable: DocumentContent {
        var content = self
        content.erasedParts = 0
        content.partDigests = personal.sorted { $0.key < $1.key }
            .map { SHA256.hash(Array($0.key.key.utf8) + [0] + $0.value.canonical()) }
        return content
    }
}
