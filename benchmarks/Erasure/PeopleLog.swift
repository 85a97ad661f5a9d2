// A log about people: each has the same number of events, spread over the whole log.

internal import Foundation
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// One tenant with many people.
struct PeopleLog {
    /// The parts of each person.
    static let parts = 20

    let tenant: Tenant
    let size: Int
    private let ledger: Ledger

    static func subject(_ number: Int) -> String { "person:\(number)" }

    /// Appends so many events, and brings the projections up to date by rebuilding them.
    static func make(_ site: BenchmarkSite, events: Int) async throws -> PeopleLog {
        let name = "people-\(UInt32.random(in: 0 ... .max))"
        let tenant = try await site.ledger.createTenant(named: name)
        let people = max(50, events / parts)
        for round in 0..<parts {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for first in stride(from: 0, to: people, by: 500) {
                    if first >= 20 * 500 { try await group.next() }
                    let range = first..<min(first + 500, people)
                    group.addTask { _ = try await tenant.append(range.map { event(round, $0) }) }
                }
                try await group.waitForAll()
            }
        }
        let stop = try await site.ledger.projectionRunner()
            .catchUp(tenant.id, [BuiltInProjection.documents, BuiltInProjection.trail])
        precondition(stop == nil)
        return PeopleLog(tenant: tenant, size: people * parts + 1, ledger: site.ledger)
    }

    private static func event(_ round: Int, _ person: Int) -> NewEvent {
        .patch(
            "crm/contact/\(person)",
            type: "contact.updated",
            data: #"{"round":\#(round)}"#,
            personal: [subject(person): #"{"name":"N \#(round)"}"#]
        )
    }

    /// Reads every row, as an erasure without an index would have to.
    func scan() async throws {
        let reader = Session(pool: ledger.readers)
        for first in stride(from: 0, to: size, by: 2048) {
            let rows = try await reader.events(tenant.id, first..<min(first + 2048, size))
            precondition(!rows.isEmpty)
        }
    }
}
