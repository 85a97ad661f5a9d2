// One tenant's trouble and a rebuild: the others get the new version, and that tenant is named.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@testable import TallyReplay

@Suite(.database, .serialized)
struct RebuildTroubleTests {
    @Test(arguments: ["documents", "trail", "contacts"])
    func aRebuildServesTheOthersAndNamesTheOneInTrouble(name: String) async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let other = try await ledger.createTenant(named: "globex")
            _ = try await TableSite(ledger).declare(.sample())
            for tenant in [acme, other] {
                for number in 1...5 {
                    _ = try await tenant.append(
                        .put("crm/contact/\(number)", type: "t", data: #"{"a":"\#(number)"}"#)
                    )
                }
            }
            try test.attacker().execute(
                """
                UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 255)
                WHERE slot = 1 AND position = 3
                """
            )
            let report = try await HistoryTests.rebuild(ledger, name)
            #expect(Set(report.troubled.keys) == [acme.id])
            #expect(report.troubled[acme.id]?.message.contains("event 3") == true)
            let progress = try await ProjectionRunner.progress(
                ledger.projectors,
                name,
                report.version
            )
            #expect(progress.first { $0.tenant == other.id }.map { $0.position == $0.size } == true)
            #expect(progress.first { $0.tenant == acme.id }?.position == 3)
            #expect(progress.first { $0.tenant == acme.id }?.stop?.position == 3)
            #expect(try await other.documents().documents.count == 5)
            #expect(try await other.events(where: "type:t").events.count == 5)
        }
    }
}
