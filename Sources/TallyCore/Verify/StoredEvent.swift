// A row of the log as a verifier gets it: nothing in it is believed yet.

/// One stored event, columns and bytes.
package struct StoredEvent: Sendable {
    /// The row's position.
    package let position: Int
    /// The stream's blind tag, for kinds 1 and 10.
    package let stream: BlindTag?
    /// The version within the stream, for kinds 1 and 10.
    package let version: Int?
    /// The leaf's bytes.
    package let leaf: [UInt8]
    /// The framed parts.
    package let body: [UInt8]
    /// The id by which the row is found; `nil` where it was not read.
    package let eventID: EventID?

    /// Makes a row of its columns.
    package init(
        position: Int,
        stream: BlindTag?,
        version: Int?,
        leaf: [UInt8],
        body: [UInt8],
        eventID: EventID? = nil
    ) {
        self.position = position
        self.stream = stream
        self.version = version
        self.leaf = leaf
        self.body = body
        self.eventID = eventID
    }
}
