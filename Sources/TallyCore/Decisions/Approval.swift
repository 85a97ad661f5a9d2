// What an operator signs: one decision, about one plan, of one request, for a while.

package import TallyCrypto

/// What is decided about.
package enum ApprovalAction: UInt8, Sendable, CaseIterable {
    case restore = 1
    case undo = 2
    case subjectErasure = 3
    case tenantErasure = 4
    case hold = 5
    case release = 6
    case readmission = 7
    case skip = 8
    case operatorChange = 9
}

/// A signature under a request; the requester's own has the requester as its approver.
package struct Approval: Sendable, Equatable {
    /// The bytes of an approval with its signature.
    package static let byteCount = 247

    package var action: ApprovalAction
    package var ledger: LedgerID
    package var tenant: TenantID
    package var request: DecisionID
    /// SHA-256 of the plan's canonical JSON.
    package var plan: Digest
    /// The leaf hash of an event that the requester had seen.
    package var head: Digest
    package var requester: OperatorID
    package var approver: OperatorID
    /// µs since 1970.
    package var approvedAt: UInt64
    /// µs since 1970.
    package var expiresAt: UInt64
    /// Ed25519 over ``message``, 64 bytes.
    package var signature: [UInt8]

    /// Makes an approval of its fields.
    package init(
        action: ApprovalAction,
        ledger: LedgerID,
        tenant: TenantID,
        request: DecisionID,
        plan: Digest,
        head: Digest,
        requester: OperatorID,
        approver: OperatorID,
        approvedAt: UInt64,
        expiresAt: UInt64,
        signature: [UInt8] = []
    ) {
        self.action = action
        self.ledger = ledger
        self.tenant = tenant
        self.request = request
        self.plan = plan
        self.head = head
        self.requester = requester
        self.approver = approver
        self.approvedAt = approvedAt
        self.expiresAt = expiresAt
        self.signature = signature
    }

    /// The bytes that are signed.
    package var message: [UInt8] {
        var writer = ByteWriter(label: "tallystick approval v1", capacity: Self.byteCount)
        writer.write(action.rawValue)
        writer.write(ledger)
        writer.write(tenant)
        writer.write(request)
        writer.write(plan)
        writer.write(head)
        writer.write(requester)
        writer.write(approver)
        writer.write(approvedAt)
        writer.write(expiresAt)
        return writer.bytes
    }

    /// The signed bytes with the signature behind them.
    package func encoded() -> [UInt8] { message + signature }

    /// Reads an approval of exactly 247 bytes.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "Approval")
        try reader.expect("tallystick approval v1")
        guard let action = ApprovalAction(rawValue: try reader.byte()) else {
            throw reader.refusal(.kind)
        }
        self.action = action
        ledger = try reader.identifier()
        tenant = try reader.identifier()
        request = try reader.identifier()
        plan = try reader.digest()
        head = try reader.digest()
        requester = try reader.identifier()
        approver = try reader.identifier()
        approvedAt = try reader.integer()
        expiresAt = try reader.integer()
        signature = [UInt8](try reader.take(Ed25519.signatureByteCount))
        try reader.end()
    }

    /// Whether the signature is that of `key`, and `key` the approver's.
    package func isSigned(by key: Ed25519PublicKey) -> Bool {
        OperatorID(of: key) == approver && key.verifies(signature, of: message)
    }
}

extension Identifier where Tag == IdentifierTag.Operator {
    /// The id of the operator whose key it is.
    package init(of key: Ed25519PublicKey) {
        self = Self(SHA256.hash(key.bytes).bytes.prefix(16)) ?? .zero
    }
}
