// A passkey's signature: what a browser and an authenticator return for a challenge (W3C Web
// Authentication, section 7.2).

internal import TallyCrypto

/// What a passkey answers.
package struct WebAuthnAssertion: Sendable, Equatable {
    package static let authenticatorDataBound = 37...255
    package static let clientDataBound = 1...1024
    package static let signatureBound = 64...80

    package let algorithm: SignerKey.Algorithm
    /// The relying party's hash, flags and a counter.
    package let authenticatorData: [UInt8]
    /// `clientDataJSON` as the browser gave it.
    package let clientData: [UInt8]
    /// ECDSA in DER, or 64 bytes of Ed25519.
    package let signature: [UInt8]

    /// Takes an answer's parts; `nil` where one is longer or shorter than the format allows.
    ///
    /// Ed25519 has 64 bytes in no form, ECDSA has DER: the signature tells the algorithm.
    package init?(authenticatorData: [UInt8], clientData: [UInt8], signature: [UInt8]) {
        guard Self.authenticatorDataBound.contains(authenticatorData.count),
            Self.clientDataBound.contains(clientData.count),
            Self.signatureBound.contains(signature.count)
        else { return nil }
        algorithm = ECDSASignature.isStrict(signature) ? .webAuthnES256 : .webAuthnEd25519
        self.authenticatorData = authenticatorData
        self.clientData = clientData
        self.signature = signature
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        guard let algorithm = SignerKey.Algorithm(rawValue: try reader.byte()),
            algorithm != .ed25519
        else { throw reader.refusal(.kind) }
        self.algorithm = algorithm
        authenticatorData = Array(try reader.opaque(within: Self.authenticatorDataBound))
        clientData = Array(try reader.opaque(within: Self.clientDataBound))
        signature = Array(try reader.opaque(within: Self.signatureBound))
    }

    func write(to writer: inout ByteWriter) {
        writer.write(algorithm.rawValue)
        writer.write(authenticatorData, within: Self.authenticatorDataBound)
        writer.write(clientData, within: Self.clientDataBound)
        writer.write(signature, within: Self.signatureBound)
    }

    /// Whether it answers a challenge with a passkey: for the site that the key is tied to, by a
    /// person who was present and whom the authenticator has verified.
    func signs(_ challenge: Digest, with key: SignerKey) -> Bool {
        guard algorithm == key.algorithm, let relyingParty = key.relyingParty,
            isOfVerifiedUser(relyingParty),
            ClientData(clientData)?.answers(challenge, for: relyingParty) ?? false
        else { return false }
        return key.verifies(
            signature,
            of: authenticatorData + SHA256.hash(clientData).bytes
        )
    }

    /// The flags: user present and verified, no attested credential; more bytes follow only where
    /// extensions are announced.
    ///
    /// The counter is ignored, since synced passkeys keep none.
    private func isOfVerifiedUser(_ relyingParty: Digest) -> Bool {
        let flags = authenticatorData[Digest.byteCount]
        let (present, verified, attested, extended): (UInt8, UInt8, UInt8, UInt8) =
            (0x01, 0x04, 0x40, 0x80)
        return authenticatorData.prefix(Digest.byteCount).elementsEqual(relyingParty.bytes)
            && flags & (present | verified | attested) == present | verified
            && (flags & extended != 0) == (authenticatorData.count > 37)
    }
}
