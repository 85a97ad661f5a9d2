// The public keys of those who decide: a key in a file, or a passkey that is tied to a web site.

package import TallyCrypto

/// The public key of somebody who decides: what signatures are checked with.
public struct SignerKey: Hashable, Sendable {
    /// How it signs; the values are those of the format.
    public enum Algorithm: UInt8, Sendable {
        /// Ed25519, with a key in a file: version 1 of an approval.
        case ed25519 = 1
        /// A passkey's ECDSA on P-256 with SHA-256.
        case webAuthnES256 = 2
        /// A passkey's Ed25519.
        case webAuthnEd25519 = 3
    }

    /// How it signs.
    public let algorithm: Algorithm
    /// 32 bytes of Ed25519; 98 of a passkey on P-256, 65 of one on Ed25519, each with its algorithm
    /// and the SHA-256 of its relying party in front.
    public let bytes: [UInt8]

    /// Reads a key from a PEM text: Ed25519 as `openssl pkey -pubout` writes it, or with the domain
    /// name of a web site the public key of a passkey there, on P-256 or Ed25519.
    ///
    /// - Parameters:
    ///   - pem: the text of the file.
    ///   - relyingParty: the passkey's RP ID (W3C Web Authentication), such as `id.example.com`;
    ///     `nil` for a key in a file.
    /// - Throws: `invalid` for any other text, and for a key that nobody could sign under.
    public init(pem: [UInt8], relyingParty: String? = nil) throws(Problem) {
        guard let key = Self.read(pem, relyingParty), key.isPoint else {
            throw Problem(
                .invalid,
                relyingParty == nil
                    ? "not an Ed25519 public key in PEM form"
                    : "not the public key of a passkey, on P-256 or Ed25519, in PEM form",
                hint: "make one of a private key: openssl pkey -in me.pem -pubout -out me.pub; the "
                    + "key of a passkey needs the name of its web site beside it"
            )
        }
        self = key
    }

    private static func read(_ pem: [UInt8], _ relyingParty: String?) -> SignerKey? {
        let ed25519 = try? Ed25519PublicKey(pem: pem)
        guard let relyingParty else { return ed25519.map { SignerKey($0) } }
        return ed25519.map { SignerKey($0, relyingParty: relyingParty) }
            ?? (try? P256PublicKey(pem: pem)).map { SignerKey($0, relyingParty: relyingParty) }
    }

    /// Takes a key of a length and beginning that the format has; whether anybody could sign under
    /// it, ``isPoint`` tells.
    package init?(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes)
        switch (bytes.count, bytes.first) {
        case (Ed25519.publicKeyByteCount, _): algorithm = .ed25519
        case (1 + Digest.byteCount + P256PublicKey.byteCount, 2): algorithm = .webAuthnES256
        case (1 + Digest.byteCount + Ed25519.publicKeyByteCount, 3): algorithm = .webAuthnEd25519
        default: return nil
        }
        guard algorithm != .webAuthnES256 || self.bytes[1 + Digest.byteCount] == 4 else {
            return nil
        }
    }

    /// A key in a file.
    package init(_ key: Ed25519PublicKey) {
        (algorithm, bytes) = (.ed25519, key.bytes)
    }

    /// A passkey on P-256 of a relying party, a domain name.
    package init(_ key: P256PublicKey, relyingParty: String) {
        algorithm = .webAuthnES256
        bytes = [algorithm.rawValue] + SHA256.hash(Array(relyingParty.utf8)).bytes + key.bytes
    }

    /// A passkey on Ed25519 of a relying party, a domain name.
    package init(_ key: Ed25519PublicKey, relyingParty: String) {
        algorithm = .webAuthnEd25519
        bytes = [algorithm.rawValue] + SHA256.hash(Array(relyingParty.utf8)).bytes + key.bytes
    }

    /// SHA-256 of the domain name that a passkey is tied to; `nil` for a key in a file.
    package var relyingParty: Digest? {
        algorithm == .ed25519 ? nil : Digest(bytes[1...Digest.byteCount])
    }

    private var ed25519: Ed25519PublicKey? {
        Ed25519PublicKey(bytes.suffix(Ed25519.publicKeyByteCount))
    }

    private var p256: P256PublicKey? { P256PublicKey(bytes.suffix(P256PublicKey.byteCount)) }

    /// Whether anybody could sign under it: a point of its curve, canonical and of full order.
    package var isPoint: Bool {
        (algorithm == .webAuthnES256 ? p256?.isPoint : ed25519?.isPoint) ?? false
    }

    /// Whether `signature` is this key's over `message`, whatever stands in either.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let isSound =
            algorithm == .webAuthnES256
            ? p256?.verifies(signature, of: message) : ed25519?.verifies(signature, of: message)
        return isSound ?? false
    }
}

extension Identifier where Tag == IdentifierTag.Operator {
    /// The id of whoever signs with a key: the first half of the key's SHA-256.
    package init(of key: SignerKey) {
        self = Self(SHA256.hash(key.bytes).bytes.prefix(16)) ?? .zero
    }
}
