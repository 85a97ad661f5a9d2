// One tenant with many events, ten a stream, and the ways to read it.

internal import Foundation
internal import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// A long log and what is measured over it.
struct LongLog {
    static let rareActor = "user:rare"
    private static let eventsPerStream = 10
    private static let requestEvents = 500

    let tenant: Tenant
    let size: Int
    let streams: Int
    private let ledger: Ledger

    /// Appends so many events: a put and nine patches a stream, round by round.
    static func make(_ site: BenchmarkSite, events: Int) async throws -> LongLog {
        let name = "long-\(UInt32.random(in: 0 ... .max))"
        let tenant = try await site.ledger.createTenant(named: name)
        let streams = max(1, events / eventsPerStream)
        let start = ContinuousClock.now
        for round in 0..<eventsPerStream {
            for first in stride(from: 0, to: streams, by: 20 * requestEvents) {
                let end = min(first + 20 * requestEvents, streams)
                try await append(round, first..<end, tenant)
            }
        }
        let size = streams * eventsPerStream + 1
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print(
            "appended \(size - 1) events in requests of \(requestEvents): "
                + "\(Int(Double(size) / seconds)) events/s"
        )
        return LongLog(tenant: tenant, size: size, streams: streams, ledger: site.ledger)
    }

    private static func append(_ round: Int, _ streams: Range<Int>, _ tenant: Tenant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for first in stride(from: streams.lowerBound, to: streams.upperBound, by: requestEvents)
            {
                let end = min(first + requestEvents, streams.upperBound)
                group.addTask {
                    _ = try await tenant.append((first..<end).map { event(round, $0) })
                }
            }
            try await group.waitForAll()
        }
    }

    private static func event(_ round: Int, _ stream: Int) -> NewEvent {
        var event =
            round == 0
            ? NewEvent.put(name(stream), type: "invoice.created", data: BenchmarkEvent.data)
            : NewEvent.patch(
                name(stream),
                type: "invoice.updated",
                data: #"{"total":"\#(round).\#(stream)","round":\#(round)}"#
            )
        event.actor = stream % 100_003 == 7 ? rareActor : "user:\(stream % 50)"
        return event
    }

    private static func name(_ stream: Int) -> String { "billing/invoice/\(stream)" }

    func stream(_ number: Int) -> String { Self.name(number) }

    /// Takes every row from the server and looks at none.
    func drain() async throws {
        let reader = Session(pool: ledger.readers)
        let tenant = tenant.id
        try await pages { range in
            try await reader.scoped(tenant) { connection in
                let slot = try connection.slot(of: tenant)
                try connection.copyOut(
                    """
                    SELECT position, stream, version, leaf, body FROM tally.event
                    WHERE slot = \(slot) AND position >= \(range.lowerBound)
                        AND position < \(range.upperBound)
                    """
                ) { _ in }
            }
        }
    }

    /// Reads every row.
    func read() async throws {
        let reader = Session(pool: ledger.readers)
        try await pages { range in
            let rows = try await reader.events(tenant.id, range)
            precondition(rows.count == range.count)
        }
    }

    /// Reads and opens every event.
    func open() async throws {
        let reader = Session(pool: ledger.readers)
        let opener = EventOpener(vault: ledger.vault)
        try await pages { range in
            let rows = try await reader.events(tenant.id, range)
            let events = try await opener.open(rows, of: tenant.id)
            precondition(events.count == range.count)
        }
    }

    /// Reads, opens and folds every event.
    func fold() async throws {
        let fold = LogFold(pool: ledger.readers, vault: ledger.vault)
        let folded = try await fold.fold(tenant.id, before: size)
        precondition(folded.count == streams)
    }

    /// Positions of an actor's events, found by looking at every event.
    func scan(actor: String) async throws -> [Int] {
        let reader = Session(pool: ledger.readers)
        let opener = EventOpener(vault: ledger.vault)
        var positions: [Int] = []
        for first in stride(from: 0, to: size, by: 2048) {
            let rows = try await reader.events(tenant.id, first..<min(first + 2048, size))
            for event in try await opener.open(rows, of: tenant.id)
            where Event(event).actor == actor { positions.append(event.stored.position) }
        }
        return positions
    }

    /// Two ranges at a time, as a fold reads.
    private func pages(_ body: @escaping @Sendable (Range<Int>) async throws -> Void) async throws {
        let size = size
        try await withThrowingTaskGroup(of: Void.self) { group in
            for job in 0..<2 {
                group.addTask {
                    for first in stride(from: job * 2048, to: size, by: 2 * 2048) {
                        try await body(first..<min(first + 2048, size))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
