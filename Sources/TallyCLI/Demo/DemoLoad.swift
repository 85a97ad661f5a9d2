// Appends the demo's events through the same door that every caller uses, three tenants at once.

internal import Foundation
internal import Synchronization
internal import TallyCore
internal import Tallystick

/// Appends tenants' events in batches, with progress.
struct DemoLoad: Sendable {
    private static let batch = 500

    let ledger: Ledger
    let meter: ProgressMeter
    private let done = Counter()

    init(ledger: Ledger, meter: ProgressMeter) {
        self.ledger = ledger
        self.meter = meter
    }

    /// Creates the tenants and appends everything; gives the number of receipts.
    func run(_ tenants: [DemoTenant]) async throws(Problem) -> Int {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for tenant in tenants { group.addTask { try await append(tenant) } }
                try await group.waitForAll()
            }
        } catch {
            throw Problem(error)
        }
        meter.finish()
        return done.value
    }

    private func append(_ source: DemoTenant) async throws(Problem) {
        let tenant = try await ledger.createTenant(named: source.name)
        for start in stride(from: 0, to: source.events.count, by: Self.batch) {
            let events = source.events[start..<min(start + Self.batch, source.events.count)]
            let requests = events.map { AppendRequest([Self.event($0)], id: $0.request) }
            for result in await tenant.append(requests: requests) { _ = try result.get() }
            meter.update(done.add(requests.count))
        }
    }

    private static func event(_ source: DemoEvent) -> NewEvent {
        let operation: EventOperation =
            switch source.operation {
            case .put: .put
            case .patch: .patch
            case .delete: .delete
            }
        var event = NewEvent(
            operation,
            stream: source.stream,
            type: source.type,
            data: source.data.map { Array($0.utf8) },
            personal: Sections(source.personal.mapValues { Array($0.utf8) })
        )
        event.actor = source.actor
        event.occurredAt = Instant(microsecondsSince1970: source.occurredAt)
        return event
    }
}

/// A number that several tasks add to.
private final class Counter: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func add(_ count: Int) -> Int {
        number.withLock { number in
            number += count
            return number
        }
    }
}
