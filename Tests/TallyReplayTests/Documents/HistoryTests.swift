// Random histories through the whole path: now, as of any position and after a rebuild the
// documents are what a model kept by hand says.

import TallyCore
import TallyReplay
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct HistoryTests {
    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func liveAsOfAndRebuiltAreWhatTheModelSays(seed: UInt64) async throws {
        print("history: seed \(seed)")
        var random = SeededRandom(seed: seed)
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var history = History()
            for number in 0..<160 {
                try await history.append(to: acme, &random)
                if random.happens(oneIn: 25) { try await Self.project(ledger, acme) }
                if number % 40 == 39 { try await Self.expect(acme, history, &random) }
            }
            try await Self.project(ledger, acme)
            try await Self.expect(acme, history, &random)
            try await Self.expectSound(ledger, acme)
            _ = try await Self.rebuild(ledger, BuiltInProjection.documents)
            try await Self.expect(acme, history, &random)
            try await Self.expectSound(ledger, acme)
        }
    }

    /// Documents now, and at some earlier positions, one by one and as lists of small pages.
    private static func expect(
        _ tenant: Tenant,
        _ history: History,
        _ random: inout SeededRandom
    ) async throws {
        var sizes: [Int?] = [nil, 1, history.size]
        for _ in 0..<4 { sizes.append(Int.random(in: 1...history.size, using: &random)) }
        for size in sizes {
            let expected = history.documents(size ?? history.size)
            let moment = size.map { Moment.position($0 - 1) }
            let found = try await all(tenant, moment, limit: Int.random(in: 1...4, using: &random))
            #expect(Set(found.map(\.stream)) == Set(expected.keys), "at \(size as Any)")
            #expect(found.count == expected.count)
            for document in found {
                #expect(document.version == expected[document.stream]?.version)
                #expect(try document.naive() == expected[document.stream]?.document)
            }
            for stream in history.states[history.size].keys {
                let one = try await tenant.document(stream, at: moment)
                #expect(
                    try one?.naive() == expected[stream]?.document,
                    "\(stream) at \(size as Any)"
                )
            }
        }
    }

    private static func all(
        _ tenant: Tenant,
        _ moment: Moment?,
        limit: Int
    ) async throws -> [Document] {
        var documents: [Document] = []
        var next: String?
        repeat {
            let page = try await tenant.documents(after: next, limit: limit, at: moment)
            documents += page.documents
            next = page.next
        } while next != nil
        return documents
    }

    private static func project(_ ledger: Ledger, _ tenant: Tenant) async throws {
        let names: Set = [BuiltInProjection.documents, BuiltInProjection.trail]
        #expect(try await ledger.projectionRunner().catchUp(tenant.id, names) == nil)
    }

    private static func expectSound(_ ledger: Ledger, _ tenant: Tenant) async throws {
        let verdict = try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault)
            .run(tenant.id)
        #expect(verdict.isSound, "\(verdict.differing)")
        #expect(verdict.position == (try await ledger.registry.find(tenant.name).size))
    }

    static func rebuild(_ ledger: Ledger, _ name: String) async throws -> RebuildReport {
        let rebuild = ProjectionRebuild(
            readers: ledger.readers,
            projectors: ledger.projectors,
            vault: ledger.vault
        )
        return try await rebuild.run(name, ledger.registry.list().map(\.id)) { _ in }
    }
}
