// What operators sign, against approval.json.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Approvals with their signatures.
@Suite struct ApprovalVectorTests {
    @Test("an approval has the vector's bytes", arguments: try VectorFile("approval").vectors)
    func encodes(_ vector: VectorEntry) throws {
        let approval = try Self.approval(vector.fields)
        #expect(try approval.message == vector.bytes("message"))
        #expect(approval.message.count == 183)
        #expect(try approval.encoded() == vector.bytes("bytes"))
        #expect(approval.encoded().count == Approval.byteCount)
    }

    @Test("an approval's bytes give its fields", arguments: try VectorFile("approval").vectors)
    func decodes(_ vector: VectorEntry) throws {
        #expect(try Approval(decoding: vector.bytes("bytes")) == Self.approval(vector.fields))
    }

    @Test(
        "a signature counts if it is the approver's own",
        arguments: try VectorFile("approval").vectors
    )
    func isSigned(_ vector: VectorEntry) throws {
        let key = try #require(try SignerKey(vector.fields.bytes("public_key")))
        #expect(try OperatorID(of: key) == vector.identifier("operator_id"))
        let isSigned = try Approval(decoding: vector.bytes("bytes")).isSigned(by: key)
        #expect(try isSigned == vector.flag("signed"))
    }

    @Test("a malformed approval is refused", arguments: try VectorFile("approval").malformed)
    func refuses(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try Approval(decoding: $0) }
    }

    private static func approval(_ fields: VectorEntry) throws -> Approval {
        try Approval(
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
            signature: .ed25519(fields.bytes("signature"))
        )
    }
}
