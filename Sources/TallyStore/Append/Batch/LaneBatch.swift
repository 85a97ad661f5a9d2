// Gives sealed requests their positions, times and links: the pure heart of the write path.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// A batch as the append functions take it, and what to tell whom when it was stored.
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
    /// Requests of a list in which one in front of them has no outcome yet, in order.
    private(set) var early: [PendingRequest] = []
    /// Requests of a list in which one in front of them was refused.
    private(set) var over: [PendingRequest] = []
    private(set) var columns: LaneColumns

    /// Begins a batch of a connection that may name a purpose.
    init(hasPurpose: Bool = false) {
        columns = LaneColumns(hasPurpose: hasPurpose)
    }

    /// Places as many of a tenant's requests as its known head allows.
    mutating func add(
        _ batch: TenantBatch,
        head: KnownHead,
        now: UInt64,
        with hash: inout SHA256
    ) {
        var next = head
        let first = columns.eventCount + 1
        var fits: [Placed] = []
        var uncertain: Set<BlindTag> = []
        var turns = RunTurns()
        for pending in batch.requests {
            switch turns.turn(of: pending) {
            case .due: break
            case .early:
                early.append(pending)
                continue
            case .over:
                over.append(pending)
                continue
            }
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
            turns.place(pending)
            fits.append(Placed(pending: pending, receipts: receipts))
        }
        guard !fits.isEmpty else { return }
        columns.tenant(batch.tenant, builtOn: head, first: first)
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

/// Whose turn it is in the lists that a batch takes requests of.
private struct RunTurns {
    /// By list, the place behind the last one that was placed.
    private var placed: [ObjectIdentifier: Int] = [:]

    func turn(of pending: PendingRequest) -> OrderedRun.Turn {
        guard let place = pending.place else { return .due }
        return place.run.turn(of: place.ordinal, behind: placed[ObjectIdentifier(place.run)] ?? 0)
    }

    mutating func place(_ pending: PendingRequest) {
        guard let place = pending.place else { return }
        placed[ObjectIdentifier(place.run)] = place.ordinal + 1
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
