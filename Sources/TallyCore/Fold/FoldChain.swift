// Which events of a stream still count, found from the newest backwards.

/// The events that make up a document, gathered from the newest on.
///
/// Give it the event that ``next`` names until ``next`` is 0, or is the version of a document that
/// is known already; then ``fold(onto:)``. A put or delete ends the search and a revert jumps to the
/// version that it names, so any number of reverts costs no more than a look at each event.
package struct FoldChain: Sendable {
    /// The version of the event that is wanted next; 0 when none is.
    package private(set) var next: Int
    /// The version whose document this is: the newest one, or the one that it reverts to.
    ///
    /// A revert may name it.
    package private(set) var resolved: Int
    /// The events that count, newest first.
    private var events: [FoldEvent] = []
    /// The revert that led to the next event, which must not be one itself.
    private var revert: Int?

    /// Begins at a stream's newest version, 0 for a stream without events.
    package init(from newest: Int) {
        next = newest
        resolved = newest
    }

    /// Takes the event that ``next`` names.
    package mutating func take(_ event: FoldEvent) throws(FoldError) {
        guard event.version == next else { throw FoldError(.gap, at: next) }
        if let revert, event.operation == .revert { throw FoldError(.revert, at: revert) }
        revert = nil
        switch event.operation {
        case .note: next -= 1
        case .delete: end(with: event)
        case .put: end(with: event)
        case .patch:
            events.append(event)
            next -= 1
        case .revert:
            guard let target = event.revertedVersion, target < event.version else {
                throw FoldError(.revert, at: event.version)
            }
            if resolved == event.version { resolved = target }
            revert = event.version
            next = target
        }
    }

    private mutating func end(with event: FoldEvent) {
        events.append(event)
        next = 0
    }

    /// Folds what was gathered onto the document at ``next``, which is `nil` at 0.
    package func fold(onto base: DocumentContent?) throws(FoldError) -> DocumentContent? {
        var content = base
        for event in events.reversed() { try StreamFold.apply(event, to: &content) }
        return content
    }
}
