// What a stream's events add up to, and how one event changes it. No clock, no chance, no I/O: live
// reads, reads of the past, rebuilds and checks run this same code.

package import TallyCrypto

/// The content of a document that exists.
package struct DocumentContent: Sendable {
    /// The data; `null` until an event gives some.
    package var data: JSONValue = .null
    /// The personal sections that can be read.
    package var personal: [PersonalName: JSONValue] = [:]
    /// Parts that were folded in and can be read no more.
    package var erasedParts = 0
    /// Digests of all personal parts folded in since the last put or delete, by version, then in
    /// part order: they stay what they are when a person is erased, or a section removed.
    package var partDigests: [Digest] = []
    /// No less than ``byteCount``, and cheaper; `nil` until it was counted.
    private var bound: Int?

    /// An empty document, onto which the first event is folded.
    package init() {}

    /// Replaces everything.
    static func put(_ event: FoldEvent) throws(FoldError) -> DocumentContent {
        var content = DocumentContent()
        content.data = try json(event.data, event)
        try content.take(event) { $0 = $1 }
        content.bound = event.byteCount
        return content
    }

    /// Merges into data and into each section that the event names (RFC 7396): null removes one.
    ///
    /// - Throws: `tooLarge` for what has grown beyond ``FoldLimits/documentBytes``.
    mutating func patch(_ event: FoldEvent) throws(FoldError) {
        var bound = (self.bound ?? byteCount) + event.byteCount
        if !event.data.isEmpty { data.merge(patch: try Self.json(event.data, event)) }
        try take(event) { section, patch in
            guard patch != .null else {
                section = Optional.none
                return
            }
            var merged = section ?? .null
            // It must not be held twice while it is changed, or it would be copied.
            section = Optional.none
            merged.merge(patch: patch)
            section = merged
        }
        if bound > FoldLimits.documentBytes { bound = byteCount }
        guard bound <= FoldLimits.documentBytes else {
            throw FoldError(.tooLarge, at: event.version)
        }
        self.bound = bound
    }

    private mutating func take(
        _ event: FoldEvent,
        _ change: (inout JSONValue?, JSONValue) -> Void
    ) throws(FoldError) {
        guard !event.sections.isEmpty else { return }
        partDigests += event.digests
        for section in event.sections {
            guard case .content(let name, let text) = section else {
                erasedParts += 1
                continue
            }
            change(&personal[name], try Self.json(text, event))
        }
    }

    private static func json(
        _ text: [UInt8],
        _ event: FoldEvent
    ) throws(FoldError) -> JSONValue {
        do throws(JSONError) {
            return try JSONReader.parse(text)
        } catch {
            throw FoldError(.json, at: event.version)
        }
    }
}

extension DocumentContent {
    /// No less than ``byteCount``: what memory is bounded by.
    package var weight: Int { bound ?? byteCount }

    /// Counts its bytes once, so that ``weight`` need not do it again and again.
    package mutating func weigh() { bound = byteCount }

    /// The bytes of data and sections in canonical JSON, of the sections' names, and of the
    /// digests.
    ///
    /// - Complexity: O(n).
    package var byteCount: Int {
        personal.reduce(data.canonicalByteCount + Digest.byteCount * partDigests.count) {
            $0 + $1.key.byteCount + $1.value.canonicalByteCount
        }
    }
}

extension DocumentContent: Equatable {
    /// Whether both say the same.
    package static func == (left: Self, right: Self) -> Bool {
        left.data == right.data && left.personal == right.personal
            && left.erasedParts == right.erasedParts && left.partDigests == right.partDigests
    }
}
