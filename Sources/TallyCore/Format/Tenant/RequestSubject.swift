// The name of the subject that a decision is about, at rest beside its request: sealed under the
// tenant's data key, for whoever is asked to sign.

package import TallyCrypto

/// The sealed form of a request's subject.
package enum RequestSubject {
    /// The associated data of a sealed name.
    package static func associated(
        ledger: LedgerID,
        tenant: TenantID,
        request: DecisionID,
        keyID: KeyID
    ) -> [UInt8] {
        var writer = ByteWriter(label: "tallystick request subject v1")
        writer.write(ledger)
        writer.write(tenant)
        writer.write(request)
        writer.write(keyID)
        return writer.bytes
    }

    /// The name's plaintext, padded.
    package static func encode(_ name: String) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.write(name, within: FormatLimits.subject)
        writer.pad()
        return writer.bytes
    }

    /// Reads a name's plaintext.
    package static func decode(_ bytes: [UInt8]) throws(FormatError) -> String {
        var reader = ByteReader(bytes, structure: "request subject")
        let name = try reader.text(within: FormatLimits.subject)
        try reader.endPadded()
        return name
    }
}
