// Gives sealed requests their positions, times and links: the pure heart of the write path.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// A batch as `tally.append_lane` takes it, and what to tell whom when it was stored.
struct LaneBatch {
    /// A request that got its place.
    struct Placed {
        let pending: PendingRequest
        let receipts: [Receipt]
    }

    /// The tenants of the batch with their heads as they will be.
    private(set) var tenants: [(id: TenantID, next: KnownHead)] = []
    /// The requests of the batch, in the order of the function's verdicts.
    private(set) var placed: [(tenant: Int, request: Placed)] = []
    /// Requests whose expected version is not met by what the lane knows, and those behind them
    /// on the same streams, in order.
    private(set) var doubtful: [PendingRequest] = []
    private(set) var columns = LaneColumns()

    /// Places as many of a tenant's requests as its known head allows.
    mutating func add(
        _ batch: TenantBatch,
        head: KnownHead,
        now: UInt64,
        with hash: inout SHA256
    ) {
        var next = head
        var fits: [Placed] = []
        var uncertain: Set<BlindTag> = []
        for pending in batch.requests {
            guard !pending.request.touches(uncertain),
                Self.expectationsHold(pending.request, next.versions)
            else {
                uncertain.formUnion(pending.request.events.lazy.map(\.stream))
                doubtful.append(pending)
                continue
            }
            let receipts = columns.place(
                pending.request,
                tenant: tenants.count + 1,
                head: &next,
                now: now,
                with: &hash
            )
            fits.append(Placed(pending: pending, receipts: receipts))
        }
        guard !fits.isEmpty else { return }
        columns.tenant(batch.tenant, builtOn: head)
        for request in fits { placed.append((tenants.count, request)) }
        tenants.append((batch.tenant, next))
    }

    /// Whether each event finds the version it expects, those before it in the request counted.
    private static func expectationsHold(
        _ request: SealedRequest,
        _ versions: [BlindTag: Int]
    ) -> Bool {
        VersionCheck.firstMismatch(request, versions) == nil
    }
}

extension SealedRequest {
    /// Whether one of its events is on one of these streams.
    func touches(_ streams: Set<BlindTag>) -> Bool {
        !streams.isEmpty && events.contains { streams.contains($0.stream) }
    }
}

/// Compares a request's expected versions with what is known of its streams.
enum VersionCheck {
    /// The first event whose expectation fails, with its stream's version then.
    static func firstMismatch(
        _ request: SealedRequest,
        _ known: [BlindTag: Int]
    ) -> (event: Int, current: Int)? {
        if request.events.count == 1, let event = request.events.first {
            let current = known[event.stream] ?? 0
            return event.expected.accepts(current) ? nil : (0, current)
        }
        var versions: [BlindTag: Int] = [:]
        for (number, event) in request.events.enumerated() {
            let current = versions[event.stream] ?? known[event.stream] ?? 0
            guard event.expected.accepts(current) else { return (number, current) }
            versions[event.stream] = current + 1
        }
        return nil
    }
}
