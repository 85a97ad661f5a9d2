// A log of many documents, of which some are changed after a moment.

internal import Foundation
internal import TallyStore
internal import Tallystick

/// One tenant with many streams.
struct ChangedLog {
    let tenant: Tenant
    let streams: Int
    let size: Int

    /// Writes each stream some times.
    static func make(_ site: BenchmarkSite, streams: Int, rounds: Int) async throws -> ChangedLog {
        let name = "changed-\(UInt32.random(in: 0 ... .max))"
        let tenant = try await site.ledger.createTenant(named: name)
        let log = ChangedLog(tenant: tenant, streams: streams, size: streams * rounds + 1)
        for round in 0..<rounds { try await log.write(streams, round: round) }
        return log
    }

    /// Changes the first streams once more.
    func change(_ count: Int) async throws {
        try await write(count, round: Int.random(in: 1000..<Int.max))
    }

    private func write(_ count: Int, round: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for first in stride(from: 0, to: count, by: 500) {
                if first >= 20 * 500 { try await group.next() }
                let range = first..<min(first + 500, count)
                group.addTask { _ = try await tenant.append(range.map { event(round, $0) }) }
            }
            try await group.waitForAll()
        }
    }

    private func event(_ round: Int, _ number: Int) -> NewEvent {
        let data = #"{"round":\#(round),"name":"document \#(number)"}"#
        return round == 0
            ? .put("crm/contact/\(number)", type: "contact.created", data: data)
            : .patch("crm/contact/\(number)", type: "contact.updated", data: data)
    }
}
