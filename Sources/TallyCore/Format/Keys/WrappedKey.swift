// Keys at rest: a tenant's keys under its wrapping key (TWK), the TWK under an epoch's KEK.

package import TallyCrypto

/// What a tenant's key is for.
package enum KeyKind: UInt8, Sendable, CaseIterable {
    /// Seals part 0 of the tenant's events.
    case data = 1
    /// Seals one subject's parts.
    case subject = 2
    /// Keys the blind tags.
    case index = 3
    /// Seals an export.
    case export = 4
}

/// Whose key this is, as the wrap is bound to it.
package struct KeyPlace: Sendable {
    package let ledger: LedgerID
    package let tenant: TenantID
    package let kind: KeyKind
    /// The subject's blind tag; zeros for keys of no subject.
    package let subjectTag: BlindTag
    package let retentionClass: String

    /// Names the owner of a key.
    package init(
        ledger: LedgerID,
        tenant: TenantID,
        kind: KeyKind,
        subjectTag: BlindTag = .zero,
        retentionClass: String = ""
    ) {
        self.ledger = ledger
        self.tenant = tenant
        self.kind = kind
        self.subjectTag = subjectTag
        self.retentionClass = retentionClass
    }

    /// The associated data of this key's wrap.
    package func associated(parent: KeyID, keyID: KeyID) -> [UInt8] {
        var writer = ByteWriter(label: "tallystick wrap v1", capacity: 192)
        writer.write(ledger)
        writer.write(tenant)
        writer.write(kind.rawValue)
        writer.write(parent)
        writer.write(keyID)
        writer.write(subjectTag)
        writer.write(retentionClass, within: FormatLimits.retentionClass)
        return writer.bytes
    }
}

/// A key of a tenant, wrapped under the tenant's wrapping key.
package struct WrappedKey: Sendable, Equatable {
    package var kind: KeyKind
    package var parent: KeyID
    package var keyID: KeyID
    package var nonce: [UInt8]
    package var ciphertext: [UInt8]

    /// Wraps `key` under `parent` for its place.
    package init(
        wrapping key: SecretKey,
        under parent: SecretKey,
        place: KeyPlace,
        nonce: [UInt8] = SecureRandom.bytes(AESGCM.nonceByteCount)
    ) throws(CryptoError) {
        kind = place.kind
        self.parent = parent.id
        keyID = key.id
        self.nonce = nonce
        let associated = place.associated(parent: parent.id, keyID: key.id)
        ciphertext = try key.withBytes { (bytes) throws(CryptoError) in
            try parent.seal([UInt8](bytes), nonce: nonce, associated: associated)
        }
    }

    /// The wrap's bytes.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(label: "TLYW", capacity: 130)
        writer.write(UInt8(1))
        writer.write(kind.rawValue)
        writer.write(parent)
        writer.write(keyID)
        writer.write(nonce)
        writer.write(ciphertext)
        return writer.bytes
    }

    /// Reads a wrap of exactly 130 bytes.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "WrappedKey")
        try reader.expect("TLYW")
        try reader.require(version: reader.byte())
        guard let kind = KeyKind(rawValue: try reader.byte()) else { throw reader.refusal(.kind) }
        self.kind = kind
        parent = try reader.digest()
        keyID = try reader.digest()
        nonce = [UInt8](try reader.take(AESGCM.nonceByteCount))
        ciphertext = [UInt8](
            try reader.take(SecretBytes.byteCount + AESGCM.tagByteCount)
        )
        try reader.end()
    }

    /// Unwraps the key, which must have the id that the wrap names.
    package func unwrap(with parent: SecretKey, place: KeyPlace) throws(OpenError) -> SecretKey {
        guard parent.id == self.parent else {
            throw .format(FormatError(.keyMismatch, in: "WrappedKey"))
        }
        do throws(CryptoError) {
            let associated = place.associated(parent: self.parent, keyID: keyID)
            var bytes = try parent.open(
                ciphertext[...],
                nonce: nonce[...],
                associated: associated
            )
            let key = try SecretKey(SecretBytes(consuming: &bytes))
            guard key.id == keyID else { throw CryptoError(.authenticationFailed) }
            return key
        } catch {
            throw .crypto(error)
        }
    }
}

/// A tenant's wrapping key as its KEK provider wrapped it.
package struct WrappedTWK: Sendable, Equatable {
    package var epoch: UInt64
    package var twkID: KeyID
    /// The provider's own bytes, 1 to 1024.
    package var blob: [UInt8]

    /// Makes a wrap of its fields.
    package init(epoch: UInt64, twkID: KeyID, blob: [UInt8]) {
        self.epoch = epoch
        self.twkID = twkID
        self.blob = blob
    }

    /// The wrap's bytes.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(label: "TLYT", capacity: 64 + blob.count)
        writer.write(UInt8(1))
        writer.write(epoch)
        writer.write(twkID)
        writer.write(blob, within: FormatLimits.providerBlob)
        return writer.bytes
    }

    /// Reads a wrap.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "WrappedTWK")
        try reader.expect("TLYT")
        try reader.require(version: reader.byte())
        epoch = try reader.integer()
        twkID = try reader.digest()
        blob = [UInt8](try reader.opaque(within: FormatLimits.providerBlob))
        try reader.end()
    }

    /// The context that a provider binds its blob to.
    package static func context(
        ledger: LedgerID,
        tenant: TenantID,
        epoch: UInt64,
        twkID: KeyID
    ) -> [UInt8] {
        var writer = ByteWriter(label: "tallystick twk v1")
        writer.write(ledger)
        writer.write(tenant)
        writer.write(epoch)
        writer.write(twkID)
        return writer.bytes
    }
}
