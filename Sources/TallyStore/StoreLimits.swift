// Every bound of the write path, named.

/// The bounds of the write path.
package enum StoreLimits {
    /// Events in one request.
    package static let requestEvents = 500
    /// Events in one batch.
    package static let batchEvents = 1000
    /// Bytes of parts in one batch, from its second event on.
    package static let batchBytes = 4 << 20
    /// Bytes of the data of all events of one request: it has to fit into one batch.
    package static let requestBytes = 64 << 20
    /// Bytes of all parts of one event.
    package static let eventBytes = 16 << 20
    /// Requests, streams and subjects that one dry run remembers, about 100 bytes each.
    package static let rehearsedRequests = 2_000_000
    /// Bytes of a request id.
    package static let requestID = 1...255
    /// Requests that wait in one lane before the next is refused.
    package static let laneRequests = 8192
    /// Bytes of parts that wait in one lane before the next request is refused.
    package static let laneBytes = 256 << 20
    /// Lost races after which a tenant's head is locked first.
    package static let conflictsBeforeLock = 3
    /// How long a lane tries to learn the outcome of what it sent.
    package static let outcomeDeadline = Duration.seconds(15)
    /// Connections over which requests are compared with what was stored under their ids.
    static let knownReaders = 2
    /// The shortest time between two notifications of one process.
    package static let notifyPause = Duration.milliseconds(20)
    /// The time after which waiting readers look for themselves.
    package static let pollMilliseconds: Int32 = 1000
    /// The pause before a lost connection is made again.
    package static let reconnectPause = Duration.milliseconds(100)
    /// Heads and stream versions that a lane remembers.
    package static let cachedVersions = 200_000
    /// Data of this size and more is compressed.
    package static let compressionThreshold = 512
    /// Events that a reader holds at a time.
    package static let pageEvents = 2048
    /// Streams whose newest events a reader holds at a time.
    package static let pageStreams = 256
    /// Bytes of bodies that a reader holds at a time, from its second event on.
    ///
    /// What is compressed in them stays so until it is used, one event after the other.
    package static let pageBytes = 4 << 20
}
