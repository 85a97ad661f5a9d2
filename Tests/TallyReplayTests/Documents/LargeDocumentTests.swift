// Documents that patches have made larger than any event: first too large to be kept, then too
// large to be read. Neither stops anybody.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyReplay

@Suite(.database, .serialized)
struct LargeDocumentTests {
    private static let mebibyte = 1 << 20

    /// A patch that sets a member of so many bytes.
    private static func patch(_ stream: String, _ member: String, _ bytes: Int) -> NewEvent {
        let text = String(repeating: "x", count: bytes)
        return .patch(stream, type: "t", data: "{\"\(member)\":\"\(text)\"}")
    }

    private static func bodies(_ tenant: Tenant) throws -> [String] {
        let rows = try TestLedger.current.attacker().query(
            """
            SELECT CASE WHEN size IS NULL THEN 'unread' WHEN body IS NULL THEN 'folded'
                    ELSE 'kept' END
            FROM tally.document
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1) ORDER BY 1
            """,
            [.uuid(tenant.id.bytes)]
        )
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    private static func check(
        _ ledger: Ledger,
        _ tenant: Tenant
    ) async throws -> ProjectionVerdict {
        try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault).run(tenant.id)
    }

    @Test func oneThatIsTooLargeToBeKeptIsReadByFolding() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for member in ["b", "c"] {
                _ = try await acme.append(Self.patch("s", member, 9 * Self.mebibyte))
            }
            _ = try await acme.append(.put("t", type: "t", data: "1"))
            #expect(try await ledger.projectionRunner().catchUp(acme.id, ["documents"]) == nil)
            #expect(try Self.bodies(acme) == ["folded", "kept"])
            let listed = try await acme.documents().documents
            #expect(Set(listed.map(\.stream)) == ["s", "t"])
            #expect(listed.first { $0.stream == "s" }?.data.utf8.count ?? 0 > 18 * Self.mebibyte)
            #expect(try await HistoryTests.rebuild(ledger, "documents").troubled.isEmpty)
            #expect(try Self.bodies(acme) == ["folded", "kept"])
            // It becomes small enough again.
            _ = try await acme.append(.patch("s", type: "t", data: #"{"b":null}"#))
            #expect(try await ledger.projectionRunner().catchUp(acme.id, ["documents"]) == nil)
            #expect(try Self.bodies(acme) == ["kept", "kept"])
            #expect(try await Self.check(ledger, acme).isSound)
        }
    }

    @Test func oneThatIsTooLargeToBeReadIsNamedAndStopsNobody() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for member in 0..<13 {
                _ = try await acme.append(Self.patch("s", "m\(member)", 10 * Self.mebibyte))
            }
            _ = try await acme.append(.put("t", type: "t", data: "1"))
            #expect(try await ledger.projectionRunner().catchUp(acme.id, ["documents"]) == nil)
            #expect(try Self.bodies(acme) == ["kept", "unread"])
            let problem = await #expect(throws: Problem.self) { _ = try await acme.document("s") }
            #expect(problem?.code == .tooLarge)
            let page = try await acme.documents()
            #expect(page.documents.map(\.stream) == ["t"] && page.tooLarge == ["s"])
            _ = try await acme.append(.put("s", type: "t", data: "2"))
            #expect(try await ledger.projectionRunner().catchUp(acme.id, ["documents"]) == nil)
            #expect(try await acme.document("s")?.data == "2")
            #expect(try await Self.check(ledger, acme).isSound)
        }
    }

    @Test func answersEndWhereTheyHoldTooMuchAndSayWhereToGoOn() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for number in 0..<4 {
                _ = try await acme.append(Self.patch("s/\(number)", "a", 15 * Self.mebibyte))
            }
            let events = try await acme.events(where: "type:t", limit: 10)
            #expect(events.events.count == 3 && events.next == 3)
            let newest = try await acme.newestEvents(where: "type:t", limit: 10)
            #expect(newest.events.count < 4 && newest.next != nil)
            var (seen, pages, next): (Set<String>, Int, String?) = ([], 0, nil)
            repeat {
                let page = try await acme.documents(after: next, limit: 10, at: .position(4))
                #expect(page.documents.count <= 3)
                seen.formUnion(page.documents.map(\.stream))
                (pages, next) = (pages + 1, page.next)
            } while next != nil
            #expect(seen.count == 4 && pages > 1)
        }
    }
}
