// What passkeys sign, against passkey_approval.json: bytes, and every way in which an answer is not
// one of that passkey to that challenge.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Approvals of version 2.
@Suite struct PasskeyApprovalVectorTests {
    @Test(
        "an approval's bytes give its fields, and its fields the bytes",
        arguments: try VectorFile("passkey_approval").vectors
    )
    func decodes(_ vector: VectorEntry) throws {
        let approval = try Approval(decoding: vector.bytes("bytes"))
        let fields = try vector.fields
        var expected = try Self.approval(fields)
        expected.signature = approval.signature
        #expect(approval == expected)
        #expect(try approval.message == vector.bytes("message"))
        #expect(approval.challenge == SHA256.hash(approval.message))
        #expect(try approval.encoded() == vector.bytes("bytes"))
        guard case .webAuthn(let answer) = approval.signature else {
            Issue.record("not a passkey's")
            return
        }
        #expect(try answer.algorithm == fields.numbered("algorithm"))
        #expect(try answer.authenticatorData == fields.bytes("authenticator_data"))
        #expect(try answer.clientData == fields.bytes("client_data"))
        #expect(try answer.signature == fields.bytes("signature"))
    }

    @Test("what a browser returns becomes the approval of the vector")
    func answers() throws {
        let signed = try VectorFile("passkey_approval").vectors.filter { try $0.flag("signed") }
        #expect(signed.count > 5)
        for vector in signed {
            #expect(try Self.approval(vector.fields).encoded() == vector.bytes("bytes"))
        }
    }

    @Test(
        "an answer counts if it is that of the approver's passkey",
        arguments: try VectorFile("passkey_approval").vectors
    )
    func isSigned(_ vector: VectorEntry) throws {
        let key = try #require(try SignerKey(vector.fields.bytes("public_key")))
        #expect(try OperatorID(of: key) == vector.identifier("operator_id"))
        let isSigned = try Approval(decoding: vector.bytes("bytes")).isSigned(by: key)
        #expect(try isSigned == vector.flag("signed"))
    }

    @Test(
        "a malformed approval is refused",
        arguments: try VectorFile("passkey_approval").malformed
    )
    func refuses(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try Approval(decoding: $0) }
    }

    @Test("of each bit that is flipped, none leaves a signature that counts")
    func everyBit() throws {
        for name in ["p256", "ed25519"] {
            let vector = try #require(
                try VectorFile("passkey_approval").vectors.first { $0.name == name }
            )
            let key = try #require(try SignerKey(vector.fields.bytes("public_key")))
            let sound = try vector.bytes("bytes")
            for bit in 0..<sound.count * 8 {
                var bytes = sound
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                let isSigned = (try? Approval(decoding: bytes))?.isSigned(by: key) ?? false
                #expect(!isSigned, "\(name), bit \(bit)")
            }
        }
    }

    private static func approval(_ fields: VectorEntry) throws -> Approval {
        let answer = try #require(
            try WebAuthnAssertion(
                authenticatorData: fields.bytes("authenticator_data"),
                clientData: fields.bytes("client_data"),
                signature: fields.bytes("signature")
            )
        )
        return try Approval(
            action: fields.numbered("action"),
            ledger: fields.identifier("ledger_id"),
            tenant: fields.identifier("tenant"),
            request: fields.identifier("request"),
            plan: fields.digest("plan"),
            head: fields.digest("head"),
            requester: fields.identifier("requester"),
            approver: fields.identifier("approver"),
            approvedAt: fields.integer("approved_at"),
            expiresAt: fields.integer("expires_at"),
            signature: .webAuthn(answer)
        )
    }
}
