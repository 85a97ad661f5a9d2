// A passkey without a browser: what an authenticator and a page answer to a challenge.

internal import Foundation
package import TallyCore
internal import TallyCrypto

/// An authenticator that signs with Ed25519 for one web site.
package struct Passkey {
    /// The domain name that it belongs to.
    package let relyingParty: String
    private let key: Ed25519PrivateKey

    /// Makes a passkey of a site.
    package init(of relyingParty: String) throws {
        (self.relyingParty, key) = (relyingParty, try Ed25519PrivateKey())
    }

    /// What the ledger knows of it.
    package var publicKey: SignerKey {
        get throws { SignerKey(try key.publicKey, relyingParty: relyingParty) }
    }

    /// What the site's page says for `navigator.credentials.get`.
    package static func clientData(_ challenge: [UInt8], _ relyingParty: String) -> [UInt8] {
        Array(
            """
            {"type":"webauthn.get","challenge":"\(base64URL(challenge))",\
            "origin":"https://\(relyingParty)","crossOrigin":false}
            """.utf8
        )
    }

    /// RFC 4648, section 5, without padding.
    package static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The site's hash, the flags of a present and verified user, and a counter that says nothing.
    package static func authenticatorData(_ relyingParty: String) -> [UInt8] {
        SHA256.hash(Array(relyingParty.utf8)).bytes + [0x05, 0, 0, 0, 0]
    }

    /// Answers a challenge.
    package func answer(
        _ challenge: [UInt8]
    ) throws -> (authenticatorData: [UInt8], clientData: [UInt8], signature: [UInt8]) {
        let authenticator = Self.authenticatorData(relyingParty)
        let client = Self.clientData(challenge, relyingParty)
        let signature = try key.sign(authenticator + SHA256.hash(client).bytes)
        return (authenticator, client, signature)
    }
}
