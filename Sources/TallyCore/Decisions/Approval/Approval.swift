// What an operator signs: one decision, about one plan, of one request, for a while.

package import TallyCrypto

/// What is decided about.
public enum ApprovalAction: UInt8, Sendable, CaseIterable {
    /// Documents go back to what they were, or into a new tenant.
    case restore = 1
    /// A restore is taken back.
    case undo = 2
    /// A subject's keys are destroyed.
    case subjectErasure = 3
    /// A tenant's keys are destroyed.
    case tenantErasure = 4
    /// A legal hold is placed.
    case hold = 5
    /// A legal hold is released.
    case release = 6
    /// An erased subject may be recorded again.
    case readmission = 7
    /// A projection leaves out an event.
    case skip = 8
    /// An operator is added, or an operator's term ends.
    case operatorChange = 9
    /// Something is declared for a while; nothing is done.
    case declaration = 10
    /// An owner of a tenant's data is added, or an owner's term ends.
    case ownerChange = 11
    /// A request is refused, by somebody who signs that.
    case refusal = 12
}

/// A signature under a request; the requester's own has the requester as its approver.
package struct Approval: Sendable, Equatable {
    /// How it is signed, which tells its version.
    package enum Signature: Sendable, Equatable {
        /// Version 1: Ed25519 over ``Approval/message``, 64 bytes.
        case ed25519([UInt8])
        /// Version 2: a passkey's answer to ``Approval/challenge``.
        case webAuthn(WebAuthnAssertion)
    }

    /// The bytes of version 1 with its signature.
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
    package var signature: Signature

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
        signature: Signature = .ed25519([])
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

    private static let label = "tallystick approval v"

    /// What is decided: 183 bytes that a file's key signs, and a passkey by their hash.
    package var message: [UInt8] {
        switch signature {
        case .ed25519: message(version: UInt8(ascii: "1"))
        case .webAuthn: message(version: UInt8(ascii: "2"))
        }
    }

    /// What a passkey is asked to sign: the hash of the message in version 2.
    package var challenge: Digest { SHA256.hash(message(version: UInt8(ascii: "2"))) }

    private func message(version: UInt8) -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.write(Array(Self.label.utf8))
        writer.write(version)
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

    /// The message with what signs it behind it.
    package func encoded() -> [UInt8] {
        switch signature {
        case .ed25519(let bytes): return message + bytes
        case .webAuthn(let assertion):
            var writer = ByteWriter(capacity: 512)
            writer.write(message)
            assertion.write(to: &writer)
            return writer.bytes
        }
    }

    /// Reads an approval of either version: 247 bytes, or 290 to 1547.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "Approval")
        let label = try reader.take(Self.label.utf8.count + 1)
        guard label.dropLast().elementsEqual(Self.label.utf8), let version = label.last,
            [UInt8(ascii: "1"), UInt8(ascii: "2")].contains(version)
        else { throw reader.refusal(.version) }
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
        signature =
            version == UInt8(ascii: "1")
            ? .ed25519([UInt8](try reader.take(Ed25519.signatureByteCount)))
            : .webAuthn(try WebAuthnAssertion(&reader))
        try reader.end()
    }

    /// Whether the signature is that of `key`, and `key` the approver's.
    ///
    /// - Complexity: about 0.1 ms.
    package func isSigned(by key: SignerKey) -> Bool {
        guard OperatorID(of: key) == approver else { return false }
        return switch signature {
        case .ed25519(let bytes):
            key.algorithm == .ed25519 && key.verifies(bytes, of: message)
        case .webAuthn(let assertion): assertion.signs(challenge, with: key)
        }
    }
}
