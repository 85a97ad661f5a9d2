// Snapshots of long streams: they save folding, nobody believes them, and an erasure takes them.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyReplay

@Suite(.database, .serialized)
struct SnapshotTests {
    private static let stream = "meter/1"

    /// A stream of a put and 2,499 patches, its documents stored, and a superuser.
    private func long(_ body: (Ledger, Tenant, Connection) async throws -> Void) async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for first in stride(from: 1, through: 2500, by: 250) {
                _ = try await acme.append((first..<first + 250).map { Self.event($0) })
            }
            try await Self.project(ledger, acme)
            try await body(ledger, acme, try test.attacker())
        }
    }

    private static func event(_ version: Int) -> NewEvent {
        let data = #"{"n":\#(version),"k\#(version % 7)":\#(version)}"#
        let personal: Sections = ["p\(version % 3)": #"{"v":\#(version)}"#]
        return version == 1
            ? .put(stream, type: "read", data: data, personal: personal)
            : .patch(stream, type: "read", data: data, personal: personal)
    }

    private static func project(_ ledger: Ledger, _ tenant: Tenant) async throws {
        #expect(try await ledger.projectionRunner().catchUp(tenant.id, ["documents"]) == nil)
    }

    private static func versions(_ superuser: Connection) throws -> [Int64] {
        let rows = try superuser.query("SELECT version FROM tally.snapshot ORDER BY version")
        return try (0..<rows.count).map { try rows.integer($0, 0) }
    }

    private func check(_ ledger: Ledger, _ tenant: Tenant) async throws -> ProjectionVerdict {
        try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault).run(tenant.id)
    }

    /// What the events up to a version add up to, by hand.
    private static func expected(_ version: Int) throws -> NaiveDocument {
        var document: NaiveDocument?
        for number in 1...version {
            let event = event(number)
            document = NaiveDocument.after(
                event.operation,
                data: try event.data.map { try JSONReader.parse($0) },
                personal: try event.personal.mapValues { try JSONReader.parse($0) },
                before: document
            )
        }
        return try #require(document)
    }

    @Test func thePastIsTheSameAndNeedsNoEventsBeforeASnapshot() async throws {
        try await long { ledger, acme, superuser in
            #expect(try Self.versions(superuser) == [1000, 2000])
            for version in [1, 999, 1000, 1001, 1999, 2300] {
                let found = try await acme.document(Self.stream, at: .position(version))
                #expect(try found?.naive() == Self.expected(version), "version \(version)")
                #expect(found?.version == version)
            }
            try superuser.execute("UPDATE tally.event SET body = '' WHERE position = 500")
            let late = try await acme.document(Self.stream, at: .position(1500))
            #expect(try late?.naive() == Self.expected(1500))
            await #expect(throws: Problem.self) {
                _ = try await acme.document(Self.stream, at: .position(700))
            }
        }
    }

    @Test(arguments: [
        "UPDATE tally.snapshot SET body = set_byte(body, 90, get_byte(body, 90) # 1)",
        "UPDATE tally.snapshot SET version = version - 1",
        "UPDATE tally.snapshot SET position = position - 1",
        "UPDATE tally.snapshot SET fold = 2", "UPDATE tally.snapshot SET body = ''",
        """
        UPDATE tally.snapshot s SET body = o.body FROM tally.snapshot o
        WHERE s.version <> o.version
        """, "DELETE FROM tally.snapshot",
    ])
    func oneThatIsNotAsItWasSealedIsPassedOver(statement: String) async throws {
        try await long { ledger, acme, superuser in
            try superuser.execute(statement)
            for version in [1400, 2400] {
                let found = try await acme.document(Self.stream, at: .position(version))
                #expect(try found?.naive() == Self.expected(version))
            }
            #expect(try await check(ledger, acme).isSound, "of no use, and nothing else")
        }
    }

    @Test func oneOfAnotherHistoryIsPassedOver() async throws {
        try await long { ledger, acme, superuser in
            try superuser.execute(
                """
                UPDATE tally.event SET leaf = set_byte(leaf, 60, get_byte(leaf, 60) # 1)
                WHERE position = 2000
                """
            )
            try superuser.execute("UPDATE tally.event SET body = '' WHERE position = 1500")
            // The one at 1000 is still good, and leads through the damaged event.
            await #expect(throws: Problem.self) {
                _ = try await acme.document(Self.stream, at: .position(2400))
            }
        }
    }

    @Test func oneThatOpensToAnotherDocumentIsFoundAndARebuildDropsIt() async throws {
        try await long { ledger, acme, superuser in
            let rows = try superuser.query(
                "SELECT stream, leaf FROM tally.event WHERE position = 1000"
            )
            let tag = try #require(BlindTag(rows.bytes(0, 0)))
            var content = DocumentContent()
            content.data = ["n": 1]
            let document = FoldedStream(
                stream: Self.stream,
                version: 1000,
                position: 1000,
                content: content
            )
            let forged = try await DocumentVault(vault: ledger.vault).seal(
                [(tag, document)],
                of: acme.id,
                snapshots: [tag: SnapshotBinding(1000, leaf: rows.bytes(0, 1))]
            )
            try superuser.execute("DELETE FROM tally.snapshot")
            try superuser.put(snapshots: forged, of: acme.id)
            let verdict = try await check(ledger, acme)
            #expect(verdict.differing == ["snapshot 1000 of \(Self.stream)"])
            _ = try await HistoryTests.rebuild(ledger, "documents")
            #expect(try Self.versions(superuser) == [])
            #expect(try await check(ledger, acme).isSound)
        }
    }

    @Test func aRevertBehindASnapshotGoesBackToItsVersion() async throws {
        try await long { ledger, acme, superuser in
            let document = try await acme.document(Self.stream, at: .position(300))
            let signers = try await TwoSigners(ledger)
            try await signers.restore(acme, to: 300, ledger)
            let newest = try await ledger.registry.find(acme.name).size - 1
            for number in 2502...3700 { _ = try await acme.append(Self.event(number)) }
            try await Self.project(ledger, acme)
            let reverted = try await acme.document(Self.stream, at: .position(newest))
            #expect(try reverted?.naive() == document?.naive())
            #expect(try Self.versions(superuser) == [1000, 2000, 3000])
            #expect(try await check(ledger, acme).isSound)
        }
    }
}

/// Two operators who restore.
private struct TwoSigners {
    private let keys: [OperatorKey]

    init(_ ledger: Ledger) async throws {
        keys = try (0..<2).map { _ in try OperatorKey(Ed25519PrivateKey()) }
        for key in keys { _ = try await ledger.decisions.addOperator(key.publicKey, by: nil) }
    }

    func restore(_ tenant: Tenant, to position: Int, _ ledger: Ledger) async throws {
        let restores = ledger.restores
        let plan = try await restores.plan(tenant, at: .position(position))
        let request = try await restores.request(plan, by: keys[0])
        _ = try await ledger.decisions.approve(request.id, with: keys[1])
        #expect(try await restores.apply(request.id).state == .applied)
    }
}
