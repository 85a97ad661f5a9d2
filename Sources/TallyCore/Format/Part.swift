// One piece of an event's body: clear JSON of the ledger's own, or AES-GCM ciphertext.

package import TallyCrypto

/// The bytes of a part as they are stored and digested.
package enum Part: Sendable, Equatable {
    /// Suite 0: canonical JSON with nothing personal in it.
    case clear([UInt8])
    /// Suite 1: AES-256-GCM under the named key.
    case sealed(SealedPart)

    /// The part's bytes.
    package func encoded() -> [UInt8] {
        switch self {
        case .clear(let json): [0] + json
        case .sealed(let part): part.encoded()
        }
    }

    /// Reads a part of either suite.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        try self.init(decoding: bytes[...])
    }

    /// Reads a part of either suite where it lies, without copying a sealed one.
    package init(decoding bytes: ArraySlice<UInt8>) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "Part")
        switch try reader.byte() {
        case 0: self = .clear([UInt8](reader.takeRest()))
        case 1: self = .sealed(try SealedPart(readingFrom: &reader))
        default: throw FormatError(.suite, in: "Part")
        }
    }

    /// Reads a part of an event of one kind, which allows one suite only.
    package init(decoding bytes: ArraySlice<UInt8>, kind: EventKind) throws(FormatError) {
        let part = try Self(decoding: bytes)
        guard part.isSealed == kind.isSealed else { throw FormatError(.suite, in: "Part") }
        self = part
    }

    private var isSealed: Bool {
        if case .sealed = self { true } else { false }
    }
}

/// A ciphertext with the name of its key and its nonce.
package struct SealedPart: Sendable, Equatable {
    /// The suite's byte.
    package static let suite: UInt8 = 1
    /// The bytes before the ciphertext.
    static let headerByteCount = 1 + Digest.byteCount + AESGCM.nonceByteCount

    /// The key that opens it.
    package var keyID: KeyID
    /// 12 random bytes.
    package var nonce: ArraySlice<UInt8>
    /// The ciphertext, then its 16-byte tag.
    package var ciphertext: ArraySlice<UInt8>

    /// Seals padded plaintext; `associated` binds it to its place.
    package init(
        sealing plaintext: [UInt8],
        under key: SecretKey,
        associated: [UInt8],
        nonce: [UInt8] = SecureRandom.bytes(AESGCM.nonceByteCount)
    ) throws(CryptoError) {
        keyID = key.id
        self.nonce = nonce[...]
        ciphertext = try key.seal(plaintext, nonce: nonce, associated: associated)[...]
    }

    /// The part's bytes.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.headerByteCount + ciphertext.count)
        writer.write(Self.suite)
        writer.write(keyID)
        writer.write(nonce)
        writer.write(ciphertext)
        return writer.bytes
    }

    init(readingFrom reader: inout ByteReader) throws(FormatError) {
        keyID = try reader.digest()
        nonce = try reader.take(AESGCM.nonceByteCount)
        let plaintextByteCount = reader.remaining - AESGCM.tagByteCount
        guard plaintextByteCount >= FormatLimits.padding else { throw reader.refusal(.truncated) }
        guard plaintextByteCount.isMultiple(of: FormatLimits.padding) else {
            throw reader.refusal(.length)
        }
        ciphertext = reader.takeRest()
    }

    /// Opens the part with a key that must bear the id the part names.
    ///
    /// The comparison closes AES-GCM's lack of key commitment: one ciphertext cannot be made
    /// to open under two keys.
    package func open(with key: SecretKey, associated: [UInt8]) throws(OpenError) -> [UInt8] {
        guard key.id == keyID else {
            throw .format(FormatError(.keyMismatch, in: "SealedPart", at: 1))
        }
        do throws(CryptoError) {
            return try key.open(ciphertext, nonce: nonce, associated: associated)
        } catch {
            throw .crypto(error)
        }
    }
}

/// Why a sealed part could not be opened.
package enum OpenError: Error, Sendable, Equatable {
    /// The bytes break the format, or name another key.
    case format(FormatError)
    /// The key does not open these bytes at this place.
    case crypto(CryptoError)
}

/// The place of a part of an event, which its ciphertext is bound to.
package struct PartPlace: Sendable {
    let ledger: LedgerID
    let tenant: TenantID
    let eventID: EventID
    let kind: EventKind
    let partCount: UInt8

    /// Names the event whose parts are sealed.
    package init(
        ledger: LedgerID,
        tenant: TenantID,
        eventID: EventID,
        kind: EventKind,
        partCount: Int
    ) {
        self.ledger = ledger
        self.tenant = tenant
        self.eventID = eventID
        self.kind = kind
        self.partCount = UInt8(partCount)
    }

    /// The associated data of the part at `index` under one key.
    package func associated(index: Int, keyID: KeyID) -> [UInt8] {
        var writer = ByteWriter(label: "tallystick part v1")
        writer.write(ledger)
        writer.write(tenant)
        writer.write(eventID)
        writer.write(kind.rawValue)
        writer.write(UInt8(index))
        writer.write(partCount)
        writer.write(SealedPart.suite)
        writer.write(keyID)
        return writer.bytes
    }
}
