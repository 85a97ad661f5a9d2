// The certificate of an erasure: what was destroyed, who decided it and what remains, with the
// events that prove it. Anybody can check it without the ledger.

internal import TallyCrypto

/// A certificate and its signatures.
package struct ErasureCertificate: Sendable {
    /// What is put before the canonical body when it is signed.
    static let label = Array("tallystick certificate v1".utf8)
    /// The largest file that is read as a certificate.
    package static let byteLimit = JSONLimits.maximumBytes

    /// A signature under the body.
    package struct Signature: Sendable {
        package let signer: OperatorID
        /// Ed25519, 64 bytes.
        package let bytes: [UInt8]
    }

    /// The members of the body; docs/erasure.md explains each.
    package let body: JSONObject
    package private(set) var signatures: [Signature] = []

    /// Takes a body without signatures.
    package init(body: JSONObject) {
        self.body = body
    }

    /// Reads a certificate from its JSON text.
    ///
    /// - Throws: a ``FormatError`` for anything but canonical JSON of this form.
    package init(decoding text: [UInt8]) throws(FormatError) {
        let trimmed = text.last == UInt8(ascii: "\n") ? Array(text.dropLast()) : text
        guard let object = JSONObject(canonical: trimmed), object.count == 2,
            let body = object["certificate"]?.objectValue,
            let items = object["signatures"]?.arrayValue
        else { throw FormatError(.text, in: "ErasureCertificate") }
        self.init(body: body)
        for item in items {
            guard let signature = item.objectValue, signature.count == 2,
                let signer = signature["operator"]?.bytes.flatMap({ OperatorID($0) }),
                let bytes = signature["signature"]?.bytes, !bytes.isEmpty
            else { throw FormatError(.text, in: "ErasureCertificate") }
            signatures.append(Signature(signer: signer, bytes: bytes))
        }
    }

    /// The bytes that are signed.
    package var message: [UInt8] { Self.label + JSONValue.object(body).canonical() }

    /// Adds a signature.
    package mutating func add(_ signature: [UInt8], of signer: OperatorID) {
        signatures.append(Signature(signer: signer, bytes: signature))
    }

    /// The certificate as canonical JSON.
    package func encoded() -> [UInt8] {
        let list = signatures.map { signature -> JSONValue in
            ["operator": .hex(signature.signer.bytes), "signature": .hex(signature.bytes)]
        }
        return JSONValue.object(["certificate": .object(body), "signatures": .array(list)])
            .canonical()
    }
}
