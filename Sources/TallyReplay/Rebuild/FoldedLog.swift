// What a whole log was folded to, given out in the order of the streams' tags and page by page.

package import TallyCore
internal import TallyStore

/// The streams of a tenant as of some position.
package struct FoldedLog {
    /// Documents, some at a time.
    typealias Page = [(stream: BlindTag, document: FoldedStream)]

    private let states: [BlindTag: LogState]
    private let streams: StreamReader
    private let tenant: TenantID
    private let position: Int
    private let skipped: Set<Int>

    init(
        states: [BlindTag: LogState],
        streams: StreamReader,
        tenant: TenantID,
        position: Int,
        skipped: Set<Int>
    ) {
        (self.states, self.streams, self.tenant) = (states, streams, tenant)
        (self.position, self.skipped) = (position, skipped)
    }

    /// A stream's name; `nil` where it has no events.
    func name(of stream: BlindTag) -> String? { states[stream]?.document.stream }

    /// How many streams there are.
    package var count: Int { states.count }

    /// The streams' tags in order.
    package var tags: [BlindTag] { states.keys.sorted() }

    /// The stream of a tag with its document.
    package func stream(_ tag: BlindTag) async throws(Problem) -> FoldedStream? {
        guard let state = states[tag] else { return nil }
        guard state.document.isStale else { return state.document.folded }
        do throws(Problem) {
            return try await streams.fold(tenant, tag, before: position, skipping: skipped)
        } catch {
            guard error.code == .tooLarge else { throw error }
            var document = state.document
            document.becomeTooLarge()
            return document.folded
        }
    }

    /// Gives `body` all documents in the order of their streams' tags, those that are too large
    /// included.
    ///
    /// A page holds no more than ``ReplayLimits/sealedBytes``, unless one alone is larger.
    func pages(_ body: (Page) async throws -> Void) async throws {
        var (page, bytes): (Page, Int) = ([], 0)
        for tag in tags {
            guard let found = try await stream(tag), found.content != nil || found.isTooLarge else {
                continue
            }
            let more = found.content?.weight ?? 0
            if !page.isEmpty,
                page.count >= ReplayLimits.pageEvents || bytes + more > ReplayLimits.sealedBytes
            {
                try await body(page)
                (page, bytes) = ([], 0)
            }
            page.append((tag, found))
            bytes += more
        }
        if !page.isEmpty { try await body(page) }
    }
}
