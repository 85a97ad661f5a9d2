// Stores batches over one connection and settles every request: answered, or given back.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// The part of a lane that both of its threads share; each has one of its own.
final class LaneWorker {
    /// What became of requests that were not answered.
    struct Leftovers {
        /// To be tried again by this lane, in order.
        var again: [TenantBatch] = []
        /// Tenants that need their head locked first.
        var contested: Set<TenantID> = []
        /// Whether some of them can be tried at once.
        var hasWork = false

        /// Whether nothing can be done before one in front of them is settled elsewhere.
        var mustWait: Bool { !hasWork && !again.isEmpty }
    }

    private let dialer: ConnectionDialer
    private let clock: @Sendable () -> UInt64
    private var connection: Connection?
    private var cache: HeadCache
    private let hasPurpose: Bool
    private var conflicts: [TenantID: Int] = [:]
    /// Whether a standby has refused a batch since the last one that was stored.
    private var needsPrimary = false
    private var hash = SHA256()

    init(
        configuration: ConnectionConfiguration,
        cache: HeadCache = HeadCache(),
        clock: @escaping @Sendable () -> UInt64
    ) {
        dialer = ConnectionDialer(configuration)
        hasPurpose = configuration.settings["tally.purpose"] != nil
        self.cache = cache
        self.clock = clock
    }

    /// Forgets what is known of a tenant that somebody else has written meanwhile.
    func forget(_ tenant: TenantID) { cache.remove(tenant) }

    /// Stores a batch without waiting for any head.
    func store(_ batches: [TenantBatch]) -> Leftovers {
        var leftovers = Leftovers()
        attempt(batches, &leftovers) { worker, session, batches in
            let built = try worker.build(batches, session)
            let answer = try built.placed.isEmpty ? .none : session.append(built.columns)
            return (built, answer)
        }
        return Self.inOrder(leftovers, of: batches)
    }

    /// Stores one tenant's batch under the lock of its head, waiting for it.
    func storeLocked(_ batch: TenantBatch) -> Leftovers {
        var leftovers = Leftovers()
        attempt([batch], &leftovers) { worker, session, batches in
            try session.connection.transaction {
                worker.cache.remove(batch.tenant)
                let head = try session.lockHead(batch.tenant)
                if let head { worker.cache.store(head, for: batch.tenant) }
                let built = try worker.build(batches, session)
                guard let head, !built.placed.isEmpty else { return (built, .none) }
                return (built, try session.append(built.columns, slot: head.slot))
            }
        }
        return Self.inOrder(leftovers, of: [batch])
    }

    /// The leftovers with each tenant's requests in the order in which they came.
    private static func inOrder(_ leftovers: Leftovers, of batches: [TenantBatch]) -> Leftovers {
        guard !leftovers.again.isEmpty else { return leftovers }
        var again: [ObjectIdentifier: PendingRequest] = [:]
        for pending in leftovers.again.flatMap(\.requests) {
            again[ObjectIdentifier(pending.request)] = pending
        }
        let ordered = batches.map { batch in
            let requests = batch.requests.compactMap { again[ObjectIdentifier($0.request)] }
            return TenantBatch(tenant: batch.tenant, requests: requests)
        }
        return Leftovers(
            again: ordered.filter { !$0.requests.isEmpty },
            contested: leftovers.contested,
            hasWork: leftovers.hasWork
        )
    }

    private typealias Call =
        (LaneWorker, LaneSession, [TenantBatch]) throws -> (LaneBatch, LaneAnswer)

    /// Makes one call; after a refusal makes it again for halves, so that one request never
    /// fails the others.
    private func attempt(
        _ batches: [TenantBatch],
        _ leftovers: inout Leftovers,
        _ call: Call
    ) {
        do {
            let session = try session()
            let began = ContinuousClock.now
            let (built, answer) = try call(self, session, batches)
            needsPrimary = false
            let stored = answer.verdicts.count { $0 == .stored }
            LaneMetrics.stored(requests: stored, took: ContinuousClock.now - began)
            settle(built, answer, session, &leftovers)
        } catch let error as PostgresError where error.code == .refused {
            cache.removeAll()
            let refusal = Problem(error)
            let halves = Self.halves(batches)
            guard refusal.code != .unavailable, halves.count > 1 else {
                return fail(batches, refusal)
            }
            for half in halves { attempt(half, &leftovers, call) }
        } catch let error as PostgresError where error.code == .standby && !needsPrimary {
            // A primary that became a standby has stored nothing: its successor gets the batch.
            cache.removeAll()
            needsPrimary = true
            leftovers.again += batches
            leftovers.hasWork = true
        } catch let error as PostgresError {
            cache.removeAll()
            lose(batches, error, &leftovers)
        } catch {
            fail(batches, Problem(PostgresError(.unexpectedResult, message: "\(error)")))
        }
    }

    private func session() throws(PostgresError) -> LaneSession {
        if let connection, connection.isUsable { return LaneSession(connection: connection) }
        connection = nil
        let opened = try dialer.dial(primary: needsPrimary)
        connection = opened
        return LaneSession(connection: opened)
    }

    // MARK: - Building

    private func build(
        _ batches: [TenantBatch],
        _ session: LaneSession
    ) throws(PostgresError) -> LaneBatch {
        cache.trim()
        try learnHeads(batches, session)
        try learnVersions(batches, session)
        let now = clock()
        var built = LaneBatch(hasPurpose: hasPurpose)
        var known: [(batch: TenantBatch, head: KnownHead)] = []
        for batch in batches {
            if let head = cache.take(batch.tenant) {
                known.append((batch, head))
            } else {
                for pending in batch.requests { pending.fail(Self.unknownTenant) }
            }
        }
        // In the order in which the database locks their heads.
        for (batch, head) in known.sorted(by: { $0.head.slot < $1.head.slot }) {
            built.add(batch, head: head, now: now, with: &hash)
        }
        return built
    }

    private func learnHeads(
        _ batches: [TenantBatch],
        _ session: LaneSession
    ) throws(PostgresError) {
        let missing = batches.map(\.tenant).filter { cache[$0] == nil }
        guard !missing.isEmpty else { return }
        for (tenant, head) in try session.heads(missing) { cache.store(head, for: tenant) }
    }

    /// Reads the versions that are not known; they come from the heads' snapshot or a later one,
    /// so a head that still matches at the append vouches for them.
    private func learnVersions(
        _ batches: [TenantBatch],
        _ session: LaneSession
    ) throws(PostgresError) {
        var missing: [(tenant: TenantID, slot: Int32, stream: BlindTag)] = []
        for batch in batches {
            guard let head = cache[batch.tenant] else { continue }
            var unknown: Set<BlindTag> = []
            for pending in batch.requests {
                for event in pending.request.events where head.versions[event.stream] == nil {
                    unknown.insert(event.stream)
                }
            }
            missing += unknown.map { (batch.tenant, head.slot, $0) }
        }
        guard !missing.isEmpty else { return }
        let versions = try session.versions(missing.map { ($0.slot, $0.stream) })
        for ((tenant, _, stream), version) in zip(missing, versions) {
            guard var head = cache.take(tenant) else { continue }
            head.versions[stream] = version
            cache.store(head, for: tenant)
        }
    }

    // MARK: - Settling

    private func settle(
        _ built: LaneBatch,
        _ answer: LaneAnswer,
        _ session: LaneSession,
        _ leftovers: inout Leftovers
    ) {
        let verdicts = answer.verdicts
        var again: [PendingRequest] = []
        var stored = Set(built.tenants.indices)
        for ((tenant, placed), verdict) in zip(built.placed, verdicts) {
            if verdict == .stored {
                placed.pending.reply(.stored(placed.receipts))
                continue
            }
            stored.remove(tenant)
            settle(placed.pending, verdict, &again)
        }
        // Then somebody was erased, or a time was closed: what is known of the heads is old.
        let isOld = answer.wasJudged && verdicts.allSatisfy { $0 == .stored }
        for (number, tenant) in built.tenants.enumerated() {
            remember(tenant.id, stored.contains(number) && !isOld ? tenant.next : nil)
        }
        noteContests(built, verdicts, &leftovers)
        judge(built.doubtful, session, &again, &leftovers)
        if !again.isEmpty { leftovers.hasWork = true }
        again += built.early
        for pending in built.over { pending.fail(Self.notReached(pending)) }
        leftovers.again += again.map { TenantBatch(tenant: $0.request.tenant, requests: [$0]) }
    }

    /// Does for one request what may fail; the fate of the others in its batch is known already.
    private func alone(
        _ pending: PendingRequest,
        _ leftovers: inout Leftovers,
        _ body: () throws(PostgresError) -> Void
    ) {
        let batch = [TenantBatch(tenant: pending.request.tenant, requests: [pending])]
        do throws(PostgresError) {
            try body()
        } catch {
            cache.removeAll()
            guard error.code == .refused else { return lose(batch, error, &leftovers) }
            fail(batch, Problem(error))
        }
    }

    private func remember(_ tenant: TenantID, _ head: KnownHead?) {
        cache.remove(tenant)
        guard let head else { return }
        cache.store(head, for: tenant)
        conflicts[tenant] = nil
    }

    /// Answers a request that was not stored just now, or takes it for the next batch.
    private func settle(
        _ pending: PendingRequest,
        _ verdict: LaneVerdict,
        _ again: inout [PendingRequest]
    ) {
        switch verdict {
        case .duplicate: pending.reply(.known)
        case .frozen: pending.fail(Self.frozen)
        case .erased, .keyFenced: pending.fail(Self.erased)
        case .unknownTenant: pending.fail(Self.unknownTenant)
        case .stored, .busy, .conflict, .retry: again.append(pending)
        }
    }

    private func noteContests(
        _ built: LaneBatch,
        _ verdicts: [LaneVerdict],
        _ leftovers: inout Leftovers
    ) {
        var words: [TenantID: Set<LaneVerdict>] = [:]
        for ((tenant, _), verdict) in zip(built.placed, verdicts)
        where [.busy, .conflict].contains(verdict) {
            words[built.tenants[tenant].id, default: []].insert(verdict)
        }
        for (tenant, words) in words {
            if words.contains(.conflict) { conflicts[tenant, default: 0] += 1 }
            let lost = conflicts[tenant, default: 0] >= StoreLimits.conflictsBeforeLock
            guard words.contains(.busy) || lost else { continue }
            conflicts[tenant] = nil
            leftovers.contested.insert(tenant)
        }
    }

    /// Judges requests in order; whoever comes behind one that is tried again, on one of its
    /// streams, is tried again behind it.
    private func judge(
        _ doubtful: [PendingRequest],
        _ session: LaneSession,
        _ again: inout [PendingRequest],
        _ leftovers: inout Leftovers
    ) {
        var waiting: Set<BlindTag> = []
        for pending in doubtful {
            let count = again.count
            if pending.request.touches(waiting) {
                again.append(pending)
            } else {
                alone(pending, &leftovers) { () throws(PostgresError) in
                    try judge(pending, session, &again)
                }
            }
            guard again.count > count else { continue }
            waiting.formUnion(pending.request.events.lazy.map(\.stream))
        }
    }

    /// Answers a request whose expectation seems to fail, from one snapshot of the database: it
    /// may be a retry whose first reply was lost, and then it gets its receipt.
    private func judge(
        _ pending: PendingRequest,
        _ session: LaneSession,
        _ again: inout [PendingRequest]
    ) throws(PostgresError) {
        guard let found = try session.judge(pending.request) else {
            return pending.fail(Self.unknownTenant)
        }
        guard !found.isKnown else { return pending.reply(.known) }
        switch (found.state, VersionCheck.firstMismatch(pending.request, found.versions)) {
        case (.frozen, _): pending.fail(Self.frozen)
        case (.erased, _): pending.fail(Self.erased)
        case (.active, let mismatch?): pending.fail(Self.versionConflict(mismatch))
        case (.active, nil):
            cache.remove(pending.request.tenant)
            again.append(pending)
        }
    }

    // MARK: - Failing

    private func fail(_ batches: [TenantBatch], _ error: Problem) {
        for batch in batches { batch.requests.forEach { $0.fail(error) } }
    }

    /// The connection ended: what was sent may have been stored, so it is sent again until its
    /// fate is known or its deadline has passed; what was never sent was not stored.
    private func lose(
        _ batches: [TenantBatch],
        _ error: PostgresError,
        _ leftovers: inout Leftovers
    ) {
        let wasSent = error.code == .connectionLost || error.code == .unconfirmedCommit
        for var batch in batches {
            var kept: [PendingRequest] = []
            for var pending in batch.requests {
                if wasSent, pending.unknownSince == nil { pending.unknownSince = .now }
                switch (pending.unknownSince, pending.isOverdue) {
                case (nil, _): pending.fail(Problem(error))
                case (_, true): pending.fail(Self.outcomeUnknown)
                case (_, false): kept.append(pending)
                }
            }
            batch.requests = kept
            guard !kept.isEmpty else { continue }
            leftovers.again.append(batch)
            leftovers.hasWork = true
        }
    }

    /// Half the tenants, or half of one tenant's requests; a single request stays whole.
    private static func halves(_ batches: [TenantBatch]) -> [[TenantBatch]] {
        if batches.count > 1 {
            let middle = batches.count / 2
            return [Array(batches[..<middle]), Array(batches[middle...])]
        }
        guard let only = batches.first, only.requests.count > 1 else { return [batches] }
        let middle = only.requests.count / 2
        return [only.requests[..<middle], only.requests[middle...]].map {
            [TenantBatch(tenant: only.tenant, requests: Array($0))]
        }
    }
}
