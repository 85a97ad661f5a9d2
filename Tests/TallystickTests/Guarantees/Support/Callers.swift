// Many callers at once, each a task of its own, the events they send, and what they wait for
// instead of sleeping.

import Synchronization
import TallyCore
import TallyCrypto
import TallyStore
import TallyTesting
import Tallystick

@testable import TallyStore

/// What a caller got.
typealias Answer = Result<[Receipt], Problem>

/// Runs `count` callers at once and gives their results in the callers' order.
func callers<Value: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        for number in 0..<count { group.addTask { (number, await body(number)) } }
        var values: [Int: Value] = [:]
        for await (number, value) in group { values[number] = value }
        return (0..<count).compactMap { values[$0] }
    }
}

extension Tenant {
    /// Appends and gives the outcome as a value.
    func answer(_ events: [NewEvent], request: String? = nil) async -> Answer {
        do throws(Problem) {
            return .success(try await append(events, request: request))
        } catch {
            return .failure(error)
        }
    }

    /// Seals a request that a test hands to the lanes itself.
    func seal(_ events: [NewEvent], request: String) async throws -> SealedRequest {
        try await Sealer(vault: ledger.vault).seal(events, for: id, request: request)
    }
}

extension SealedRequest {
    /// The same parts under other ids, perhaps for another tenant: cheaper than sealing again,
    /// and good for everything but opening them.
    func copy(id: String, tenant: TenantID? = nil) -> SealedRequest {
        let events = events.map { event in
            SealedEvent(
                eventID: .random(),
                stream: event.stream,
                expected: event.expected,
                parts: event.parts,
                digests: event.digests
            )
        }
        return SealedRequest(
            tenant: tenant ?? self.tenant,
            draft: RequestDraft(draft.events, request: id),
            events: events
        )
    }
}

extension NewEvent {
    /// A small event of a stream.
    static func sample(
        _ stream: String,
        _ expecting: ExpectedVersion = .any,
        data: String = #"{"n":1}"#
    ) -> NewEvent {
        var event = NewEvent.put(stream, type: "sample.put", data: data)
        event.expecting = expecting
        return event
    }
}

extension Result where Success == [Receipt], Failure == Problem {
    /// The receipts; empty for a problem.
    var receipts: [Receipt] { (try? get()) ?? [] }

    /// The problem's code; `nil` when there are receipts.
    var problem: Problem.Code? {
        guard case .failure(let problem) = self else { return nil }
        return problem.code
    }
}

/// A flag that many tasks may look at.
final class Flag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() { raised.store(true, ordering: .releasing) }
}

/// Counts, and wakes whoever waits for a number.
final class Milestones: Sendable {
    private struct State {
        var count = 0
        var waiting: [(at: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func reachNext() {
        let due = state.withLock { state in
            state.count += 1
            let due = state.waiting.filter { $0.at <= state.count }
            state.waiting.removeAll { $0.at <= state.count }
            return due.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Waits until the count has reached a number.
    func reached(_ number: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.count >= number { return true }
                state.waiting.append((number, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
