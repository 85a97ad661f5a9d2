// Folds a stream: backwards to find the events that still count, then forwards over those.

/// The fold of one stream's events.
package enum StreamFold {
    /// The document after the last of some events; `nil` when there is none.
    ///
    /// Going backwards, a put or delete ends the search and a revert jumps to the version that it
    /// names, so any number of reverts costs no more than a look at each event.
    ///
    /// - Parameter events: all events of the stream from version 1 on, in order.
    /// - Throws: a ``FoldError`` naming the first event that cannot be folded.
    /// - Complexity: O(n), and only events that count are parsed.
    package static func fold(_ events: [FoldEvent]) throws(FoldError) -> DocumentContent? {
        for (index, event) in events.enumerated() where event.version != index + 1 {
            throw FoldError(.gap, at: index + 1)
        }
        var content: DocumentContent?
        for version in try chain(events).reversed() {
            try apply(events[version - 1], to: &content)
        }
        return content
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

    /// The version that a revert goes back to, if it may: one before it, and no revert itself.
    package static func target(
        of revert: FoldEvent,
        operation: (_ version: Int) -> EventOperation?
    ) throws(FoldError) -> Int {
        guard let version = revert.revertedVersion, version < revert.version else {
            throw FoldError(.revert, at: revert.version)
        }
        guard version == 0 || operation(version) != .revert else {
            throw FoldError(.revert, at: revert.version)
        }
        return version
    }

    /// The versions that make up the document, the newest first.
    private static func chain(_ events: [FoldEvent]) throws(FoldError) -> [Int] {
        var versions: [Int] = []
        var next = events.count
        while next > 0 {
            let event = events[next - 1]
            switch event.operation {
            case .note: next -= 1
            case .delete: next = 0
            case .put:
                versions.append(next)
                next = 0
            case .patch:
                versions.append(next)
                next -= 1
            case .revert: next = try target(of: event) { events[$0 - 1].operation }
            }
        }
        return versions
    }
}
