// A checked event between its plaintexts and its sealed parts.

internal import TallyCore
internal import TallyCrypto
internal import TallyVault

/// The plaintexts of one event.
struct EventDraft: Sendable {
    private let envelope: Envelope
    /// The envelope's bytes, not compressed and not padded: what two requests are compared by.
    let plain: [UInt8]
    let personals: [Personal]
    let expected: ExpectedVersion

    init(_ event: NewEvent, sections: [(name: PersonalName, data: [UInt8])]) {
        envelope = Envelope(
            operation: event.operation,
            stream: event.stream,
            type: event.type,
            actor: event.actor,
            onBehalfOf: event.onBehalfOf,
            occurredAt: event.occurredAt.map { OccurredAt($0.microsecondsSince1970) }
                ?? .notGiven,
            correlation: event.correlation,
            causation: event.causation,
            data: PartData(identity: event.data ?? [])
        )
        plain = envelope.encoded(padded: false)
        personals = sections.map {
            Personal(name: $0.name, data: PartData(identity: $0.data))
        }
        expected = event.expecting
    }

    func streamTag(_ index: IndexKey) -> BlindTag { index.tag(.stream, envelope.stream) }

    /// The names of the subjects' keys, in part order.
    func keyNames(_ index: IndexKey) -> [KeyName] {
        personals.map {
            KeyName(
                .subject,
                subjectTag: index.tag(.subject, $0.name.subject),
                retentionClass: $0.name.retentionClass
            )
        }
    }

    /// Seals each part under its key; `keys` has the data key first.
    func seal(
        as eventID: EventID,
        ledger: LedgerID,
        tenant: TenantID,
        index: IndexKey,
        keys: [SecretKey],
        kind: EventKind = .recorded
    ) throws(VaultError) -> SealedEvent {
        let place = PartPlace(
            ledger: ledger,
            tenant: tenant,
            eventID: eventID,
            kind: kind,
            partCount: keys.count
        )
        var parts: [[UInt8]] = []
        parts.reserveCapacity(keys.count)
        for (number, (plaintext, key)) in zip(plaintexts(), keys).enumerated() {
            let associated = place.associated(index: number, keyID: key.id)
            do throws(CryptoError) {
                let part = try SealedPart(
                    sealing: plaintext,
                    under: key,
                    associated: associated
                )
                parts.append(part.encoded())
            } catch {
                throw VaultError(.provider, error.description)
            }
        }
        return SealedEvent(
            eventID: eventID,
            kind: kind,
            stream: streamTag(index),
            expected: expected,
            parts: parts,
            digests: parts.map { SHA256.hash($0) }
        )
    }

    private func plaintexts() -> [[UInt8]] {
        [paddedEnvelope()]
            + personals.map { personal in
                Personal(name: personal.name, data: .packed(personal.data.bytes)).encoded()
            }
    }

    private func paddedEnvelope() -> [UInt8] {
        var packed = envelope
        packed.data = .packed(envelope.data.bytes)
        return packed.data.encoding == .identity ? ByteWriter.padded(plain) : packed.encoded()
    }
}

extension EventDraft {
    /// Writes all that was submitted.
    func write(to writer: inout ByteWriter) {
        writer.write(expected.rawValue)
        for part in [plain] + personals.map({ $0.encoded(padded: false) }) {
            writer.write(UInt32(part.count))
            writer.write(part)
        }
        writer.write(UInt32(0))
    }
}
