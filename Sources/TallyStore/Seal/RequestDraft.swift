// A request that keeps every rule of the door and has no keys yet: what a dry run judges, and what
// an append seals.

package import TallyCore
internal import TallyCrypto
internal import TallyVault

/// The checked events of one request.
package struct RequestDraft: Sendable {
    /// What its events are known by.
    package let id: RequestID
    let events: [EventDraft]

    /// Checks the events of one request, and its id.
    ///
    /// - Throws: `invalid` or `tooLarge`, naming the field and what it may be.
    package init(_ events: [NewEvent], request id: String?) throws(Problem) {
        if let id { try EventCheck.requestID(id) }
        guard (1...StoreLimits.requestEvents).contains(events.count) else {
            throw Problem(
                events.isEmpty ? .invalid : .tooLarge,
                "a request of \(events.count) events",
                hint: "give 1 to \(StoreLimits.requestEvents) events at a time"
            )
        }
        let byteCount = events.reduce(0) { $0 + $1.byteCount }
        guard byteCount <= StoreLimits.requestBytes else {
            throw Problem(
                .tooLarge,
                "a request with \(byteCount) bytes of data",
                hint: "give at most \(StoreLimits.requestBytes) bytes at a time"
            )
        }
        var drafts: [EventDraft] = []
        drafts.reserveCapacity(events.count)
        for (index, event) in events.enumerated() {
            let sections = try EventCheck.check(event, at: "/events/\(index)")
            drafts.append(EventDraft(event, sections: sections))
        }
        self.init(drafts, request: id)
    }

    /// Events that are taken as they are.
    init(_ events: [EventDraft], request id: String? = nil) {
        self.id = RequestID(id, count: events.count)
        self.events = events
    }

    /// What two requests under one id are told apart by in this process; it is kept nowhere.
    var digest: Digest {
        var writer = ByteWriter(capacity: 256 * events.count)
        for event in events { event.write(to: &writer) }
        return SHA256.hash(writer.bytes)
    }

    /// The names of the subjects' keys, in the order of events and parts.
    func keyNames(_ index: IndexKey) -> [KeyName] { events.flatMap { $0.keyNames(index) } }
}
