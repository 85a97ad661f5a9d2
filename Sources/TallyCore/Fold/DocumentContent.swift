// What a stream's events add up to, and how one event changes it. No clock, no chance, no I/O: live
// reads, reads of the past, rebuilds and checks run this same code.

package import TallyCrypto

/// The content of a document that exists.
package struct DocumentContent: Sendable, Equatable {
    /// The data; `null` until an event gives some.
    package var data: JSONValue = .null
    /// The personal sections that can be read.
    package var personal: [PersonalName: JSONValue] = [:]
    /// Parts that were folded in and can be read no more.
    package var erasedParts = 0
    /// Digests of all personal parts folded in since the last put or delete, by version, then in
    /// part order: they stay what they are when a person is erased.
    package var partDigests: [Digest] = []

    /// An empty document, onto which the first event is folded.
    package init() {}

    /// Replaces everything.
    static func put(_ event: FoldEvent) throws(FoldError) -> DocumentContent {
        var content = DocumentContent()
        content.data = try json(event.data, event)
        try content.take(event) { $0 = $1 }
        return content
    }

    /// Merges into data and into each section that the event names (RFC 7396).
    mutating func patch(_ event: FoldEvent) throws(FoldError) {
        if !event.data.isEmpty { data.merge(patch: try Self.json(event.data, event)) }
        try take(event) { $0.merge(patch: $1) }
    }

    private mutating func take(
        _ event: FoldEvent,
        _ change: (inout JSONValue, JSONValue) -> Void
    ) throws(FoldError) {
        guard !event.sections.isEmpty else { return }
        partDigests += event.digests
        for section in event.sections {
            guard case .content(let name, let text) = section else {
                erasedParts += 1
                continue
            }
            change(&personal[name, default: .null], try Self.json(text, event))
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
