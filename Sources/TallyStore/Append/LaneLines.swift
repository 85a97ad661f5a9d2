// A lane's waiting requests by tenant: plain data, guarded by the inbox that owns it.

internal import DequeModule
internal import TallyCore

/// One line a tenant, and the order in which tenants are served.
struct LaneLines {
    private var lines: [TenantID: Deque<PendingRequest>] = [:]
    /// Tenants with a line that may be taken from, each once, longest waiting first.
    private var ready: Deque<TenantID> = []
    /// How many keep a tenant's line from being taken.
    private var away: [TenantID: Int] = [:]
    private(set) var count = 0
    private(set) var bytes = 0
    var isSleeping = false
    var isClosed = false

    /// Whether no more will come, from callers or from where tenants are away.
    var isDone: Bool { isClosed && count == 0 && away.isEmpty }

    /// Keeps a tenant's line from being taken by ``takeReady()``.
    mutating func sendAway(_ tenant: TenantID) {
        away[tenant, default: 0] += 1
        ready.removeAll { $0 == tenant }
    }

    /// Ends what ``sendAway(_:)`` began.
    mutating func welcomeBack(_ tenant: TenantID) {
        away[tenant] = away[tenant].flatMap { $0 > 1 ? $0 - 1 : nil }
        guard away[tenant] == nil else { return }
        if lines[tenant]?.isEmpty == false { ready.append(tenant) }
    }

    mutating func append(_ pending: PendingRequest) {
        let tenant = pending.request.tenant
        let wasEmpty = lines[tenant]?.isEmpty ?? true
        lines[tenant, default: []].append(pending)
        count += 1
        bytes += pending.request.byteCount
        if wasEmpty, away[tenant] == nil { ready.append(tenant) }
    }

    mutating func prepend(_ batch: TenantBatch) {
        let wasEmpty = lines[batch.tenant]?.isEmpty ?? true
        lines[batch.tenant, default: []].prepend(contentsOf: batch.requests)
        count += batch.requests.count
        bytes += batch.requests.reduce(0) { $0 + $1.request.byteCount }
        if wasEmpty, away[batch.tenant] == nil { ready.prepend(batch.tenant) }
    }

    /// Whether the lane's thread sleeps; it is awake afterwards.
    mutating func wake() -> Bool {
        defer { isSleeping = false }
        return isSleeping
    }

    mutating func takeReady() -> [TenantBatch] {
        var batch: [TenantBatch] = []
        var room = BatchRoom(events: StoreLimits.batchEvents)
        for _ in 0..<ready.count where room.events > 0 {
            guard let tenant = ready.popFirst() else { break }
            var share = room
            if !ready.isEmpty { share.events = min(share.events, StoreLimits.batchEvents / 2) }
            let before = share
            let requests = take(tenant, &share)
            room.spend(from: before, to: share)
            guard !requests.isEmpty else {
                ready.prepend(tenant)
                break
            }
            if lines[tenant] != nil { ready.append(tenant) }
            batch.append(TenantBatch(tenant: tenant, requests: requests))
        }
        return batch
    }

    mutating func take(
        _ tenant: TenantID,
        _ room: inout BatchRoom
    ) -> [PendingRequest] {
        var taken: [PendingRequest] = []
        while let next = lines[tenant]?.first, room.admit(next.request) {
            _ = lines[tenant]?.popFirst()
            taken.append(next)
            count -= 1
            bytes -= next.request.byteCount
        }
        if lines[tenant]?.isEmpty == true { lines[tenant] = nil }
        return taken
    }
}
