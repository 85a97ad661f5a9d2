// What an operator watches of the write path, through whatever metrics backend the process has.

internal import Metrics

/// Metrics of all lanes of a process.
enum LaneMetrics {
    private static let requests = Counter(label: "tallystick_append_requests_total")
    private static let batches = Timer(label: "tallystick_append_batch_duration")
    private static let refusals = Counter(label: "tallystick_append_overloaded_total")

    /// Notes a batch with the requests of it that were stored.
    static func stored(requests count: Int, took duration: Duration) {
        requests.increment(by: count)
        batches.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    /// Notes a request that found no room.
    static func overloaded() { refusals.increment() }
}
