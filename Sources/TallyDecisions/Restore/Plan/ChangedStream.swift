// The streams that changed since a moment, from one pass over the events behind it.

internal import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// A stream with events that a restore takes back.
struct ChangedStream: Sendable {
    let tag: BlindTag
    let name: String
    /// The version of the first such event.
    let first: Int
    /// The version of the stream's newest event.
    var last: Int
    /// Whether other events came after the first such one.
    var isMixed = false
}

extension ChangedStream {
    /// Collects the streams of a scope, in the order of their tags.
    ///
    /// - Complexity: O(events in `range`); memory for the streams that changed.
    static func read(
        _ log: OpenedLog,
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ scope: TakenBack,
        leavingOut skips: [SkippedEvent],
        progress: (Int) -> Void
    ) async throws -> [ChangedStream] {
        var found: [BlindTag: ChangedStream] = [:]
        let skipped = Set(skips.map(\.position))
        try await log.read(tenant, range, skipping: skipped) { events, end in
            for event in events {
                guard let tag = event.stored.stream, let version = event.stored.version,
                    let part = event.envelope
                else { continue }
                let envelope = try event.open(part)
                let isWanted = scope.contains(event.stored, envelope)
                if found[tag] != nil {
                    found[tag]?.last = version
                    if !isWanted { found[tag]?.isMixed = true }
                } else if isWanted {
                    found[tag] = ChangedStream(
                        tag: tag,
                        name: envelope.stream,
                        first: version,
                        last: version
                    )
                }
            }
            progress(end)
        }
        // Documents leave these events out, but versions count them.
        for skip in skips {
            guard let stream = skip.stream, let version = skip.version,
                let last = found[stream]?.last
            else { continue }
            found[stream]?.last = max(version, last)
        }
        return found.values.sorted { $0.tag < $1.tag }
    }
}
