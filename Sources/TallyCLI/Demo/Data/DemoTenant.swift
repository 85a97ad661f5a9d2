// One tenant of the demo with all its events.
// Both sources give it: the downloaded records and the generated sample.

/// A tenant and its events, in the order in which to append them.
struct DemoTenant: Sendable {
    /// The tenant's name, such as `NYY`.
    let name: String
    /// The name for people, such as `New York Yankees`.
    let title: String
    /// The events, oldest first.
    let events: [DemoEvent]
}
