// An event with a section about Maria, sealed as a faulty or dishonest writer could seal it: under
// any key, for any event. The database accepts it, because it cannot look inside.

import TallyCore
import TallyCrypto
import TallyVault
import Tallystick
import Testing

@testable import TallyStore

extension Specimen {
    /// The key of a subject of acme's.
    func key(of subject: String, class retentionClass: String = "") async throws -> SecretKey {
        let vault = ledger.vault
        let tag = try await vault.indexKey(acme.id).tag(.subject, subject)
        let name = KeyName(.subject, subjectTag: tag, retentionClass: retentionClass)
        return try #require(try await vault.subjectKeys(acme.id, [name]).first)
    }

    /// Appends a section about Maria under some key, and gives the verdict with the keys.
    func appendMaria(
        under key: SecretKey,
        envelopeUnder envelopeKey: SecretKey? = nil,
        sealedFor id: EventID? = nil
    ) async throws -> TenantVerdict {
        let vault = ledger.vault
        let eventID = EventID.random()
        let envelope = Envelope(
            operation: .note,
            stream: "crm/contact/1",
            type: "note",
            data: PartData(identity: [])
        )
        let maria = Personal(
            name: PersonalName(subject: "maria"),
            data: PartData(identity: Array(#"{"name":"Maria"}"#.utf8))
        )
        let dataKey = try await vault.dataKey(acme.id)
        let parts = [
            try seal(envelope.encoded(), under: envelopeKey ?? dataKey, eventID, 0),
            try seal(maria.encoded(), under: key, id ?? eventID, 1),
        ]
        let event = SealedEvent(
            eventID: eventID,
            stream: try await vault.indexKey(acme.id).tag(.stream, envelope.stream),
            expected: .any,
            parts: parts,
            digests: parts.map { SHA256.hash($0) }
        )
        _ = try await ledger.lanes().append(
            SealedRequest(
                tenant: acme.id,
                draft: RequestDraft([EventDraft]()),
                events: [event]
            )
        )
        return try await verify(acme, opening: true)
    }

    private func seal(
        _ plaintext: [UInt8],
        under key: SecretKey,
        _ id: EventID,
        _ index: Int
    ) throws -> [UInt8] {
        let place = PartPlace(
            ledger: ledger.vault.ledger,
            tenant: acme.id,
            eventID: id,
            kind: .recorded,
            partCount: 2
        )
        let associated = place.associated(index: index, keyID: key.id)
        return try SealedPart(sealing: plaintext, under: key, associated: associated).encoded()
    }
}
