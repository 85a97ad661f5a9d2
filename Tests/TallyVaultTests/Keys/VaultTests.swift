// Keys over their lives: one after the other when a bound is reached, gone when they are
// destroyed, and never made for whom they are blocked.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@testable import TallyVault

@Suite(.database)
struct VaultTests {
    @Test func aDataKeyAtItsBoundIsFollowedByTheNextGeneration() async throws {
        let site = try await VaultSite("acme")
        let first = try await site.vault().dataKey(site.tenant)
        try site.run("UPDATE tally_keys.key_record SET seals_reserved = \(VaultLimits.sealBound)")
        let vaults = [try site.vault(), try site.vault()]
        let ids = try await withThrowingTaskGroup(of: KeyID.self) { group in
            for number in 0..<16 {
                let vault = vaults[number % 2]
                group.addTask { try await vault.dataKey(site.tenant, seals: 500).id }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(!ids.contains(first.id))
        #expect(try site.records("kind = 1").map(\.generation) == [0, 1])
        let next = try #require(ids.first)
        let findings = try await site.vault().openingKeys(site.tenant, [first.id, next])
        #expect(findings.values.allSatisfy { if case .live = $0 { true } else { false } })
        #expect(try site.journalled().isSuperset(of: try site.records("true").map(\.wrapped)))
    }

    @Test func aKeyInUseIsFollowedWhenItsBlockIsUsedUp() async throws {
        let site = try await VaultSite("acme")
        let vault = try site.vault()
        let first = try await vault.dataKey(site.tenant, seals: VaultLimits.sealBlock - 1)
        #expect(try await vault.dataKey(site.tenant).id == first.id)
        try site.run("UPDATE tally_keys.key_record SET seals_reserved = \(VaultLimits.sealBound)")
        let second = try await vault.dataKey(site.tenant)
        #expect(second.id != first.id)
        #expect(try await vault.dataKey(site.tenant).id == second.id)
    }

    @Test func sealsAreReservedInBlocksByEachProcess() async throws {
        let site = try await VaultSite("acme")
        for _ in 0..<3 { _ = try await site.vault().dataKey(site.tenant) }
        let vault = try site.vault()
        for _ in 0..<50 { _ = try await vault.dataKey(site.tenant, seals: 500) }
        let reserved = try site.number(
            "SELECT seals_reserved FROM tally_keys.key_record",
            "kind = 1"
        )
        #expect(reserved == 4 * VaultLimits.sealBlock)
    }

    @Test func aDestroyedKeyIsErasedForSealingAndDestroyedForReading() async throws {
        let site = try await VaultSite("acme")
        let name = KeyName(.subject, subjectTag: .random())
        let key = try #require(try await site.vault().subjectKeys(site.tenant, [name]).first)
        try site.run(
            """
            UPDATE tally_keys.key_record SET state = 'destroyed', wrapped = NULL, destroyed_at = 1
            WHERE kind = 2
            """
        )
        let vault = try site.vault()
        await #expect(throws: VaultError(.erased, "")) {
            try await vault.subjectKeys(site.tenant, [name])
        }
        let finding = try await vault.openingKeys(site.tenant, [key.id])[key.id]
        guard case .destroyed = finding else {
            Issue.record("a destroyed key was found as \(String(describing: finding))")
            return
        }
        #expect(try site.records("kind = 2").count == 1, "no key comes after a destroyed one")
    }

    @Test func aTenantsDestroyedKeysAreErased() async throws {
        let site = try await VaultSite("acme")
        try site.run("UPDATE tally_keys.key_record SET state = 'destroyed', wrapped = NULL")
        let vault = try site.vault()
        await #expect(throws: VaultError(.erased, "")) { try await vault.dataKey(site.tenant) }
        await #expect(throws: VaultError(.erased, "")) { try await vault.indexKey(site.tenant) }
    }

    @Test func aBlockedSubjectIsErasedAndGetsNoKey() async throws {
        let site = try await VaultSite("acme")
        let blocked = KeyName(.subject, subjectTag: .random(), retentionClass: "hr")
        let sibling = KeyName(.subject, subjectTag: blocked.subjectTag)
        try site.run(
            """
            INSERT INTO tally_keys.key_block VALUES (
                '\(site.tenant.hex)', '\\x\(blocked.subjectTag.hex)', 'hr', 1, NULL)
            """
        )
        let vault = try site.vault()
        let before = try site.journalled().count
        await #expect(throws: VaultError(.erased, "")) {
            try await vault.subjectKeys(site.tenant, [blocked])
        }
        #expect(try site.records("kind = 2").isEmpty)
        #expect(try site.journalled().count == before)
        #expect(try await vault.subjectKeys(site.tenant, [sibling]).count == 1)
        try site.run("UPDATE tally_keys.key_block SET lifted_at = 2")
        #expect(try await vault.subjectKeys(site.tenant, [blocked]).count == 1)
        #expect(try site.records("kind = 2").count == 2)
    }

    @Test func subjectKeysComeInTheOrderOfTheirNamesAndOnceEach() async throws {
        let site = try await VaultSite("acme")
        let names = (0..<6).map { _ in KeyName(.subject, subjectTag: .random()) }
        let asked = names + names.reversed()
        let keys = try await site.vault().subjectKeys(site.tenant, asked).map(\.id)
        #expect(keys == keys.reversed())
        #expect(Set(keys).count == 6)
        #expect(try await site.vault().subjectKeys(site.tenant, asked).map(\.id) == keys)
        #expect(try site.records("kind = 2").count == 6)
    }

    @Test func aCacheThatIsEmptiedMeanwhileDoesNotLookLikeAnErasure() async throws {
        let site = try await VaultSite("acme")
        let vault = try site.vault()
        let names = (0..<50).map { _ in KeyName(.subject, subjectTag: .random()) }
        let keys = try await vault.subjectKeys(site.tenant, names).map(\.id)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    vault.forget(site.tenant)
                    await Task.yield()
                }
            }
            for _ in 0..<50 {
                // One is new, so that the key store is asked while the others are in the cache.
                let asked = names + [KeyName(.subject, subjectTag: .random())]
                let again = try? await vault.subjectKeys(site.tenant, asked).map(\.id)
                #expect(again?.dropLast() == keys[...])
            }
            group.cancelAll()
        }
    }

    @Test func aTenantsKeysAreMadeOnce() async throws {
        let site = try await VaultSite("acme")
        let before = try site.records("true")
        try await site.vault().createTenantKeys(site.tenant)
        try await site.vault().createFirstEpoch()
        #expect(try site.records("true").map(\.wrapped) == before.map(\.wrapped))
        #expect(try site.number("SELECT count(*) FROM tally_keys.key_epoch", "true") == 1)
    }
}
