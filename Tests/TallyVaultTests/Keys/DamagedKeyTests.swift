// Keys that somebody altered or moved in the key store: refused, never used, never taken for an
// erasure.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@testable import TallyVault

@Suite(.database)
struct DamagedKeyTests {
    @Test func aKeyThatWasAlteredOrMovedIsRefused() async throws {
        let site = try await VaultSite("acme")
        let names = (0..<2).map { _ in KeyName(.subject, subjectTag: .random()) }
        _ = try await site.vault().subjectKeys(site.tenant, names)
        let original = try site.records("kind = 2")
        let changes = [
            "wrapped = set_byte(wrapped, 100, get_byte(wrapped, 100) # 1)",
            "wrapped = '\\x00'",
            "retention_class = 'moved'",
            "wrapped = (SELECT x.wrapped FROM tally_keys.key_record x WHERE x.kind = 1 LIMIT 1)",
        ]
        for change in changes {
            try site.run("UPDATE tally_keys.key_record SET \(change) WHERE kind = 2")
            let moved = try site.records("kind = 2").map(\.name)
            await #expect(throws: VaultError(.damagedKey, ""), "\(change)") {
                try await site.vault().subjectKeys(site.tenant, moved)
            }
            for record in original {
                try site.run(
                    """
                    UPDATE tally_keys.key_record SET retention_class = '',
                    wrapped = '\\x\(Hex.encode(record.wrapped))'
                    WHERE key_id = '\\x\(record.id.hex)'
                    """
                )
            }
        }
        #expect(try await site.vault().subjectKeys(site.tenant, names).count == 2)
    }

    @Test func aKeyOfAnotherTenantIsUnknown() async throws {
        let site = try await VaultSite("acme")
        let other = try await VaultSite("globex")
        let key = try await site.vault().dataKey(site.tenant)
        let findings = try await site.vault().openingKeys(other.tenant, [key.id, .zero])
        #expect(findings.count == 2)
        #expect(findings.values.allSatisfy { if case .unknown = $0 { true } else { false } })
        await #expect(throws: VaultError(.noKeys, "")) {
            try await site.vault().dataKey(.random())
        }
    }

    @Test func aTenantsRowsUnderAnotherTenantsNameAreRefused() async throws {
        let site = try await VaultSite("acme")
        let other = try await VaultSite("globex")
        try site.run(
            """
            DELETE FROM tally_keys.key_record WHERE tenant_id = '\(other.tenant.hex)';
            UPDATE tally_keys.key_record SET tenant_id = '\(other.tenant.hex)'
            WHERE tenant_id = '\(site.tenant.hex)';
            DELETE FROM tally_keys.tenant_wrap WHERE tenant_id = '\(other.tenant.hex)';
            UPDATE tally_keys.tenant_wrap SET tenant_id = '\(other.tenant.hex)'
            WHERE tenant_id = '\(site.tenant.hex)'
            """
        )
        await #expect(throws: VaultError(.wrongKEK, "")) {
            try await other.vault().dataKey(other.tenant)
        }
    }
}
