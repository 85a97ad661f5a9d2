// Which events of a stream still count, found from the newest backwards.

/// The events that make up a document, gathered from the newest on.
///
/// Give it the event that ``next`` names until ``next`` is 0, or is the version of a document that
/// is known already; apply the events at ``released`` to that document, then ``fold(onto:)``. A put
/// or delete ends the search and a revert jumps to the version that it names, so any number of
/// reverts costs no more than a look at each event.
package struct FoldChain: Sendable {
    /// The place of an event in its stream and in the log.
    package struct Place: Sendable {
        package let version: Int
        package let position: Int
    }

    /// The version of the event that is wanted next; 0 when none is.
    package private(set) var next: Int
    /// The version whose document this is: the newest one, or the one that it reverts to.
    ///
    /// A revert may name it.
    package private(set) var resolved: Int
    /// The newest events that count, newest first.
    private var events: [FoldEvent] = []
    /// The bytes of their texts.
    package private(set) var heldBytes = 0
    /// The events before them, newest first.
    private var places: [Place] = []
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
            hold(event)
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
        hold(event)
        next = 0
    }

    private mutating func hold(_ event: FoldEvent) {
        if places.isEmpty, heldBytes + event.byteCount <= FoldLimits.heldBytes || events.isEmpty {
            events.append(event)
            heldBytes += event.byteCount
        } else {
            places.append(Place(version: event.version, position: event.position))
        }
    }

    /// Events that count and were not held, oldest first: they have to be read again, in this
    /// order.
    package var released: [Place] { places.reversed() }

    /// Folds what is held onto the document at ``next``, which is `nil` at 0, as the events at
    /// ``released`` have left it.
    package func fold(onto base: DocumentContent?) throws(FoldError) -> DocumentContent? {
        var content = base
        for event in events.reversed() { try StreamFold.apply(event, to: &content) }
        return content
    }
}
