// Folds a stream: backwards to find the events that still count, then forwards over those.

/// The fold of one stream's events.
package enum StreamFold {
    /// The version of its rules: a snapshot that was made under others is of no use.
    package static let version: UInt16 = 2

    /// The document after the last of some events; `nil` when there is none.
    ///
    /// - Parameter events: all events of the stream from version 1 on, in order.
    /// - Returns: the document's content.
    /// - Throws: a ``FoldError`` naming the first event that cannot be folded.
    /// - Complexity: O(n), and only events that count are parsed.
    package static func fold(_ events: [FoldEvent]) throws(FoldError) -> DocumentContent? {
        var chain = FoldChain(from: events.count)
        while chain.next > 0 { try chain.take(events[chain.next - 1]) }
        var content: DocumentContent?
        for place in chain.released { try apply(events[place.version - 1], to: &content) }
        return try chain.fold(onto: content)
    }

    /// Folds one event that is no revert onto the document before it.
    package static func apply(
        _ event: FoldEvent,
        to content: inout DocumentContent?
    ) throws(FoldError) {
        switch event.operation {
        case .note: return
        case .put: content = try .put(event)
        case .delete: content = nil
        case .patch:
            var merged = content.take() ?? DocumentContent()
            try merged.patch(event)
            content = merged
        case .revert: throw FoldError(.revert, at: event.version)
        }
    }
}
