// A page of a list of documents: what is stored where that is what was asked for, and what changed
// since, folded together. It ends early rather than hold too much.

package import TallyCore

/// A page of documents.
package struct DocumentPage: Sendable {
    /// The documents in the order of their streams' tags, which is arbitrary but stable.
    package internal(set) var documents: [(tag: BlindTag, document: FoldedStream)] = []
    /// Streams whose documents are too large to be read; they are passed over.
    package internal(set) var tooLarge: [String] = []
    /// Where the next page begins; `nil` after the last one.
    package internal(set) var next: BlindTag?
}

extension DocumentReader {
    /// A page of the documents before a position, of one collection or of all.
    ///
    /// It ends early where its documents hold more than ``ReplayLimits/answerBytes``.
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - collection: a collection's name; `nil` for all.
    ///   - start: where the page before ended.
    ///   - limit: 1 to 10,000 documents.
    ///   - position: the first position that no longer counts; `nil` for now.
    ///   - progress: is told how many documents are there.
    /// - Returns: the page, and where the next one begins.
    /// - Throws: `projectionBehind` when too many events are not in stored documents yet.
    /// - Complexity: O(documents), and the events of those whose stored document is another one.
    package func documents(
        _ tenant: TenantID,
        collection: String? = nil,
        after start: BlindTag? = nil,
        limit: Int,
        before position: Int? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> DocumentPage {
        let basis = try await basis(
            tenant,
            try await collectionTag(collection, tenant),
            after: start ?? .zero,
            limit,
            before: position
        )
        let known = try await known(basis.stored, tenant)
        var page = PageDraft(basis.wanted, known, collection, limit)
        // Where somebody has written a document since, it is folded as it was.
        let rest = basis.wanted.filter { known[$0.stream]?.version != $0.version }
            .filter { !basis.tooLarge.contains($0.stream) }
        try await states.each(
            tenant,
            rest,
            skipping: basis.skipped
        ) { index, state throws(Problem) in
            page.passKnown(before: rest[index].stream)
            guard !page.isFull else { return false }
            if let state { page.add(rest[index], state) }
            progress(page.found.documents.count)
            return !page.isFull
        }
        page.passKnown()
        progress(page.found.documents.count)
        page.found.next = page.isFull ? page.last : basis.bound
        page.found.tooLarge += try await names(of: basis.tooLarge, through: page.found.next, tenant)
        return page.found
    }

    private func names(
        of streams: Set<BlindTag>,
        through last: BlindTag?,
        _ tenant: TenantID
    ) async throws(Problem) -> [String] {
        let shown = streams.filter { stream in last.map { stream <= $0 } ?? true }.sorted()
        guard !shown.isEmpty else { return [] }
        let names = try await names.names(tenant, shown.map { ($0, Int(Int32.max)) })
        return shown.map { names[$0] ?? "tag \($0.hex)" }
    }
}

/// A page under way.
private struct PageDraft {
    private let known: [BlindTag: FoldedStream]
    private let collection: String?
    private let limit: Int
    private var rest: ArraySlice<StreamStates.Wanted>
    private var bytes = 0
    var found = DocumentPage()
    /// The last stream that was looked at.
    private(set) var last: BlindTag?

    init(
        _ wanted: [StreamStates.Wanted],
        _ known: [BlindTag: FoldedStream],
        _ collection: String?,
        _ limit: Int
    ) {
        (rest, self.known, self.collection, self.limit) = (wanted[...], known, collection, limit)
    }

    var isFull: Bool { found.documents.count >= limit || bytes >= ReplayLimits.answerBytes }

    /// Takes stored documents up to a stream that is folded, or to the end.
    mutating func passKnown(before stream: BlindTag? = nil) {
        while !isFull, let next = rest.first, stream.map({ next.stream < $0 }) ?? true {
            rest.removeFirst()
            if let document = known[next.stream], document.version == next.version {
                add(next.stream, document)
            }
        }
    }

    /// Takes a stream that was folded.
    mutating func add(_ wanted: StreamStates.Wanted, _ state: StreamState) {
        rest = rest.drop { $0.stream <= wanted.stream }
        if state.isTooLarge { found.tooLarge.append(state.name) }
        add(wanted.stream, FoldedStream(state, version: wanted.version))
    }

    private mutating func add(_ tag: BlindTag, _ document: FoldedStream) {
        last = tag
        guard let content = document.content,
            collection?.utf8.elementsEqual(document.stream.collection.utf8) ?? true
        else { return }
        bytes += content.weight
        found.documents.append((tag, document))
    }
}
