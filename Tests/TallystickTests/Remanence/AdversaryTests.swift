// Who holds every file and the KEKs of a ledger reads what is not erased, and who lacks the KEKs
// reads nothing. Without the first, an adversary who finds nothing after an erasure proves nothing.

import Foundation
import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite struct AdversaryTests {
    private let evidence: RemanenceEvidence
    private let targets: Set<KeyTarget>
    private let ledger: LedgerID

    init() async throws {
        evidence = try await RemanenceEvidence.shared.value
        targets = [evidence.victim, evidence.control]
        ledger = evidence.site.ledger.vault.ledger
    }

    private var kekDirectory: RemanenceSource { .path(evidence.site.kekDirectory) }

    private var provider: FileKEKProvider {
        get throws { try FileKEKProvider(directory: evidence.site.kekDirectory, ledger: ledger) }
    }

    @Test func aBackupAndTheKEKsGiveLiveKeysAway() async throws {
        let capture = evidence.capture
        for place in [capture.baseBackup, capture.dumps, capture.journal] {
            let withFile = await RemanenceAdversary(ledger: ledger)
                .attack([.path(place), kekDirectory], for: targets)
            #expect(withFile.reached(targets) == targets, "\(place)")
            let withProvider = await RemanenceAdversary(ledger: ledger, providers: [try provider])
                .attack([.path(place)], for: targets)
            #expect(withProvider.reached(targets) == targets, "\(place)")
            #expect(withProvider.coverage.unreadable == [])
        }
    }

    @Test func theSiteSaysWhichTargetsCanBeHad() async throws {
        let victim = evidence.victim
        let stranger = KeyTarget(
            owner: "stranger",
            tenant: victim.tenant,
            name: KeyName(.subject, subjectTag: .random()),
            id: .zero
        )
        #expect(try await evidence.site.recoverable([victim, stranger]) == [victim])
    }

    @Test func aRecoveredKeyOpensWhatItSealed() async throws {
        let adversary = RemanenceAdversary(ledger: ledger, providers: [try provider])
        let stored = evidence.stored
        let all = await adversary.attack([.path(evidence.capture.dumps)], for: targets)
        #expect(all.opens(stored.part, associated: stored.associated) != nil)
        #expect(all.opens(stored.part, associated: []) == nil)
        let one = await adversary.attack(
            [.path(evidence.capture.dumps)],
            for: [evidence.control]
        )
        #expect(one.opens(stored.part, associated: stored.associated) == nil)
    }

    @Test func withoutAKEKAllFilesGiveNothing() async throws {
        let recovered = await RemanenceAdversary(ledger: ledger)
            .attack(evidence.site.places, for: targets)
        #expect(recovered.keys.isEmpty && recovered.wrappingKeys.isEmpty)
        #expect(recovered.foundCount > 4, "the wraps were there")
    }

    @Test func theKEKOfAnotherLedgerOpensNothing() async throws {
        let directory = "\(evidence.site.dedicated.directory)/kek-of-another"
        let other = try FileKEKProvider(directory: directory, ledger: .random())
        try await other.create(epoch: 1)
        let foreign = try FileKEKProvider(directory: directory, ledger: ledger)
        let recovered = await RemanenceAdversary(ledger: ledger, providers: [other, foreign])
            .attack([.path(evidence.capture.dumps), .path(directory)], for: targets)
        #expect(recovered.keys.isEmpty && recovered.wrappingKeys.isEmpty)
        #expect(recovered.foundCount > 2, "the wraps were there")
    }

    @Test func keysAreBoundToTheirLedgerTenantAndSubject() async throws {
        let dumps: [RemanenceSource] = [.path(evidence.capture.dumps), kekDirectory]
        let elsewhere = await RemanenceAdversary(ledger: .random()).attack(dumps, for: targets)
        #expect(elsewhere.wrappingKeys.isEmpty)
        let victim = evidence.victim
        let moved = KeyTarget(
            owner: victim.owner,
            tenant: .random(),
            name: victim.name,
            id: victim.id
        )
        let renamed = KeyTarget(
            owner: victim.owner,
            tenant: victim.tenant,
            name: KeyName(.subject, subjectTag: victim.name.subjectTag, retentionClass: "tax"),
            id: victim.id
        )
        for target in [moved, renamed] {
            let recovered = await RemanenceAdversary(ledger: ledger).attack(dumps, for: [target])
            #expect(recovered.keys.isEmpty)
        }
    }
}
