// Operators: the people who decide about erasures, holds and restores, by their public keys.

public import TallyCore
package import TallyCrypto

/// Somebody who may ask for decisions and approve those of others.
public struct Operator: Sendable, Identifiable {
    /// The first half of the SHA-256 of the public key.
    public let id: OperatorID
    /// What the operator's signatures are checked with.
    public let publicKey: SignerKey
    /// The first key of the human being whose key it is.
    public let person: OperatorID
    /// When the operator was added.
    public let addedAt: Instant
    /// When the operator's term ended; `nil` while the operator may sign.
    public let endedAt: Instant?
}

/// What an operator, or an owner of a tenant's data, signs with: an Ed25519 private key.
public struct OperatorKey: Sendable {
    /// Whose key it is.
    public let id: OperatorID
    /// The key that others check signatures with.
    public let publicKey: SignerKey
    private let key: Ed25519PrivateKey

    /// Reads a key from a PEM text, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// - Parameter pem: the text of the file; it must not be encrypted.
    /// - Throws: `invalid` for anything but an Ed25519 private key.
    public init(pem: [UInt8]) throws(Problem) {
        do throws(CryptoError) {
            try self.init(Ed25519PrivateKey(pem: pem))
        } catch {
            throw Problem(
                .invalid,
                "not an Ed25519 private key in PEM form",
                hint: "make one: openssl genpkey -algorithm ed25519 -out me.pem"
            )
        }
    }

    /// Takes a private key.
    package init(_ key: Ed25519PrivateKey) throws(CryptoError) {
        self.key = key
        publicKey = SignerKey(try key.publicKey)
        id = OperatorID(of: publicKey)
    }

    /// Signs an approval whose approver this operator is.
    func sign(_ approval: Approval) throws(Problem) -> Approval {
        var signed = approval
        signed.signature = .ed25519(try sign(approval.message))
        return signed
    }

    /// Signs a message; the result has 64 bytes.
    package func sign(_ message: [UInt8]) throws(Problem) -> [UInt8] {
        do throws(CryptoError) {
            return try key.sign(message)
        } catch {
            throw Problem(.misconfigured, error.description, hint: "check libcrypto")
        }
    }
}
