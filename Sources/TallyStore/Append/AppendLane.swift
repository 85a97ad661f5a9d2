// A lane: one thread and one connection that store the batches of its tenants, and a second,
// patient pair for tenants whose head is contested.

internal import Dispatch
internal import Foundation
internal import Synchronization
internal import TallyCore
internal import TallyPostgres

/// One lane of the write path.
///
/// While one batch is on its way to the disk the next one gathers, so a lane's batches grow
/// with its load.
final class AppendLane: Sendable {
    private let inbox = LaneInbox()
    private let contested = ContestedTenants()
    private let ended = DispatchGroup()

    init(configuration: ConnectionConfiguration, clock: @escaping @Sendable () -> UInt64) {
        start { [inbox, contested] in
            let worker = LaneWorker(configuration: configuration, clock: clock)
            Self.runLane(worker, inbox, contested)
        }
        start { [inbox, contested] in
            let worker = LaneWorker(configuration: configuration, clock: clock)
            Self.runPatient(worker, inbox, contested)
        }
    }

    /// Adds a request; gives why it was refused, or `nil`.
    func push(_ pending: PendingRequest) -> Problem? { inbox.push(pending) }

    /// Takes nothing of a tenant's until it is released as often as it was held.
    func hold(_ tenant: TenantID) { inbox.sendAway(tenant) }

    /// Ends what ``hold(_:)`` began.
    func release(_ tenant: TenantID) { inbox.welcomeBack(tenant) }

    /// Answers everything that was accepted, then ends both threads.
    func close() async {
        inbox.close()
        await withCheckedContinuation { continuation in
            ended.notify(queue: .global()) { continuation.resume() }
        }
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        ended.enter()
        let ended = ended
        Thread.detachNewThread {
            body()
            ended.leave()
        }
    }

    private static func runLane(
        _ worker: LaneWorker,
        _ inbox: LaneInbox,
        _ contested: ContestedTenants
    ) {
        while let batches = inbox.takeBatch() {
            for tenant in contested.takeReturned() { worker.forget(tenant) }
            let leftovers = worker.store(batches)
            for tenant in leftovers.contested { inbox.sendAway(tenant) }
            for batch in leftovers.again { inbox.putBack(batch) }
            for tenant in leftovers.contested { contested.push(tenant) }
            pauseIfUnknown(leftovers)
        }
        contested.close()
    }

    private static func runPatient(
        _ worker: LaneWorker,
        _ inbox: LaneInbox,
        _ contested: ContestedTenants
    ) {
        while let tenant = contested.take() {
            var batch = inbox.take(tenant)
            while !batch.requests.isEmpty {
                let leftovers = worker.storeLocked(batch)
                pauseIfUnknown(leftovers)
                batch.requests = leftovers.again.flatMap(\.requests)
                guard !leftovers.mustWait else {
                    inbox.putBack(batch)
                    break
                }
            }
            contested.giveBack(tenant)
            inbox.welcomeBack(tenant)
        }
    }

    /// A lost connection is not made again at once: the server may be starting.
    private static func pauseIfUnknown(_ leftovers: LaneWorker.Leftovers) {
        let isUnknown = leftovers.again.contains { batch in
            batch.requests.contains { $0.unknownSince != nil }
        }
        guard isUnknown else { return }
        Thread.sleep(forTimeInterval: StoreLimits.reconnectPause / .seconds(1))
    }
}

/// Tenants on their way between a lane and its patient half.
private final class ContestedTenants: Sendable {
    private struct State {
        var waiting: [TenantID] = []
        var returned: [TenantID] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    func push(_ tenant: TenantID) {
        state.withLock { $0.waiting.append(tenant) }
        available.signal()
    }

    /// Waits for a tenant; `nil` when no more will come.
    func take() -> TenantID? {
        available.wait()
        return state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    func giveBack(_ tenant: TenantID) {
        state.withLock { $0.returned.append(tenant) }
    }

    func takeReturned() -> [TenantID] {
        state.withLock { state in
            defer { state.returned.removeAll() }
            return state.returned
        }
    }

    func close() { available.signal() }
}
