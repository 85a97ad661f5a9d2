// Requests made without keys: their parts are random bytes, which is all that a lane can tell of
// real ones. And an outcome that a test can look at.

import Synchronization
import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@testable import TallyStore

/// Makes pending requests and remembers what became of each.
final class LaneFixture: Sendable {
    private let outcomes = Mutex<[String: [RequestOutcome]]>([:])

    /// A request of `events` events of `bytes` bytes each.
    func pending(
        _ tenant: TenantID,
        _ id: String,
        events: Int = 1,
        bytes: Int = 93
    ) -> PendingRequest {
        let streams = (0..<events).map { _ in (BlindTag.random(), ExpectedVersion.any) }
        return pending(tenant, id, on: streams, bytes: bytes)
    }

    /// A request of one event for each stream and expectation.
    func pending(
        _ tenant: TenantID,
        _ id: String,
        on streams: [(BlindTag, ExpectedVersion)],
        bytes: Int = 93,
        in run: OrderedRun? = nil,
        at ordinal: Int = 0
    ) -> PendingRequest {
        let request = SealedRequest(
            tenant: tenant,
            draft: RequestDraft([EventDraft](), request: id),
            events: streams.map { Self.event($0, $1, bytes) }
        )
        let place = run.map { RunPlace(run: $0, ordinal: ordinal) }
        return PendingRequest(request, place: place) { [self] outcome in
            if case .refused = outcome {
                place?.settle(isStored: false)
            } else {
                place?.settle(isStored: true)
            }
            outcomes.withLock { $0[id, default: []].append(outcome) }
        }
    }

    /// The same request sent again, its outcome remembered under another name.
    func retry(_ pending: PendingRequest, as name: String) -> PendingRequest {
        PendingRequest(pending.request) { [self] outcome in
            outcomes.withLock { $0[name, default: []].append(outcome) }
        }
    }

    /// The one outcome of a request; `nil` while it is open.
    func outcome(_ id: String) -> RequestOutcome? {
        let all = outcomes.withLock { $0[id] ?? [] }
        #expect(all.count <= 1, "\(id) was answered \(all.count) times")
        return all.first
    }

    /// The code with which a request failed.
    func failure(_ id: String) -> Problem.Code? {
        guard case .refused(let error) = outcome(id) else { return nil }
        return error.code
    }

    /// The receipts of a request; empty while it is open and when it failed.
    func receipts(_ id: String) -> [Receipt] {
        guard case .stored(let receipts) = outcome(id) else { return [] }
        return receipts
    }

    /// Whether events of the request's id were there.
    func isKnown(_ id: String) -> Bool {
        if case .known = outcome(id) { true } else { false }
    }

    private static func event(
        _ stream: BlindTag,
        _ expected: ExpectedVersion,
        _ bytes: Int
    ) -> SealedEvent {
        let part = [1] + SecureRandom.bytes(bytes - 1)
        return SealedEvent(
            eventID: .random(),
            stream: stream,
            expected: expected,
            parts: [part],
            digests: [SHA256.hash(part)]
        )
    }
}

extension SealedRequest {
    /// The caller's id.
    var id: String? { draft.id.text }
}

extension KnownHead {
    /// A head of slot 1 without anything in its way.
    init(size: Int, lastLeafHash: Digest, floor: UInt64, versions: [BlindTag: Int] = [:]) {
        self.init(
            slot: 1,
            size: size,
            lastLeafHash: lastLeafHash,
            floor: floor,
            isPlain: true,
            versions: versions
        )
    }
}

extension [TenantBatch] {
    /// The ids of the requests by tenant, in order.
    var ids: [TenantID: [String]] {
        reduce(into: [:]) { $0[$1.tenant, default: []] += $1.requests.compactMap(\.request.id) }
    }

    /// The events of a tenant's requests, or of all.
    func eventCount(_ tenant: TenantID? = nil) -> Int {
        filter { tenant == nil || $0.tenant == tenant }.flatMap(\.requests)
            .reduce(0) { $0 + $1.request.events.count }
    }

    /// The bytes of all requests.
    var byteCount: Int { flatMap(\.requests).reduce(0) { $0 + $1.request.byteCount } }
}
