// A ledger that was used in every way, with texts in it that exist nowhere else, and then stopped
// and searched: made once, looked at by several tests.

import Foundation
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

/// What is left of a used ledger.
struct RemanenceEvidence: Sendable {
    static let shared = Task { try await collect() }

    let site: RemanenceSite
    let capture: ClusterCapture
    /// Two people with a key each.
    let victim: KeyTarget
    let control: KeyTarget
    /// An event with a section of the victim's, as it is stored.
    let stored: StoredPart
    /// What a search of all places and of the KEKs found.
    let report: RemanenceScanner.Report
    /// Names of needles that were given to the ledger as content or as names.
    let secrets: [String]
    /// Names of needles that are keys.
    let keys: [String]

    /// A sealed section and what its ciphertext is bound to.
    struct StoredPart: Sendable {
        let part: SealedPart
        let associated: [UInt8]
    }

    private static func collect() async throws -> RemanenceEvidence {
        let site = try await RemanenceSite.create()
        let canaries = Canaries()
        let acme = try await canaries.use(site.ledger)
        let planted = PlantedNeedles()
        try planted.plant(site)
        let victim = try await site.target(canaries.subject.text, of: acme)
        let control = try await site.target("control", of: acme)
        let stored = try storedPart(of: victim, site)
        let keys = try await keyNeedles([victim, control], acme, site)
        let capture = try await site.capture("used")
        try await site.stop()
        let needles = canaries.all + planted.all + keys
        return RemanenceEvidence(
            site: site,
            capture: capture,
            victim: victim,
            control: control,
            stored: stored,
            report: RemanenceScanner(needles).scan(site.places + [.path(site.kekDirectory)]),
            secrets: canaries.all.map(\.name),
            keys: keys.map(\.name)
        )
    }

    /// The keys in use, as the vault gives them, and the KEK, as its file has it.
    private static func keyNeedles(
        _ targets: [KeyTarget],
        _ tenant: Tenant,
        _ site: RemanenceSite
    ) async throws -> [Needle] {
        let vault = site.ledger.vault
        let subjects = try await vault.subjectKeys(tenant.id, targets.map(\.name))
        #expect(subjects.map(\.id) == targets.map(\.id))
        let data = try await vault.dataKey(tenant.id)
        let recovered = await RemanenceAdversary(ledger: vault.ledger)
            .attack(site.places + [.path(site.kekDirectory)], for: Set(targets))
        let wrapping = try #require(recovered.wrappingKeys.values.first)
        let file = try #require(
            try FileManager.default.contentsOfDirectory(atPath: site.kekDirectory)
                .first { $0.hasSuffix(".kek") }
        )
        let kek = try Data(contentsOf: URL(filePath: "\(site.kekDirectory)/\(file)"))
        return [
            Needle("victim's key", key: subjects[0]), Needle("control's key", key: subjects[1]),
            Needle("data key", key: data), Needle("wrapping key", key: wrapping),
            Needle("KEK", bytes: Array(kek)),
        ]
    }

    private static func storedPart(
        of target: KeyTarget,
        _ site: RemanenceSite
    ) throws -> StoredPart {
        let uri = site.dedicated.configuration.database
        let rows = try Connection(ConnectionConfiguration(uri: uri)).query(
            """
            SELECT leaf, body FROM tally.event
            WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1) ORDER BY position
            """,
            [.uuid(target.tenant.bytes)]
        )
        for row in 0..<rows.count {
            let leaf = try Leaf(decoding: try rows.bytes(row, 0))
            let parts = try EventBody.decode(try rows.bytes(row, 1), leaf: leaf)
            let place = PartPlace(
                ledger: site.ledger.vault.ledger,
                tenant: target.tenant,
                eventID: leaf.eventID,
                kind: leaf.kind,
                partCount: parts.count
            )
            for (index, bytes) in parts.enumerated() {
                guard case .sealed(let part) = try Part(decoding: bytes), part.keyID == target.id
                else { continue }
                let associated = place.associated(index: index, keyID: target.id)
                return StoredPart(part: part, associated: associated)
            }
        }
        throw MissingPart()
    }
}

private struct MissingPart: Error, CustomStringConvertible {
    let description = "no stored part is under the target's key"
}
