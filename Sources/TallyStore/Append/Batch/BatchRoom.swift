// How much of a batch is left while it is filled.

/// What still fits into a batch.
struct BatchRoom {
    var events: Int
    var bytes = StoreLimits.batchBytes
    private var isEmpty = true

    init(events: Int) {
        self.events = events
    }

    /// Whether a request still fits; the first one always does.
    mutating func admit(_ request: SealedRequest) -> Bool {
        let size = request.byteCount
        guard isEmpty || (request.events.count <= events && size <= bytes) else { return false }
        isEmpty = false
        events -= request.events.count
        bytes -= size
        return true
    }

    /// Takes over what a share of this room was used for.
    mutating func spend(from before: BatchRoom, to after: BatchRoom) {
        events -= before.events - after.events
        bytes = after.bytes
        isEmpty = after.isEmpty
    }
}
