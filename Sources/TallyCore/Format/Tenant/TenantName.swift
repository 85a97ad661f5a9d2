// A tenant's name at rest: sealed under slot 0's data key, bound to the tenant by its genesis.

package import TallyCrypto

/// The sealed form of a tenant's name.
package enum TenantName {
    /// The associated data of a sealed name.
    package static func associated(ledger: LedgerID, tenant: TenantID, keyID: KeyID) -> [UInt8] {
        var writer = ByteWriter(label: "tallystick tenant name v1")
        writer.write(ledger)
        writer.write(tenant)
        writer.write(keyID)
        return writer.bytes
    }

    /// The name's plaintext, padded.
    package static func encode(_ name: String) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.write(name, within: FormatLimits.tenantName)
        writer.pad()
        return writer.bytes
    }

    /// Reads a name's plaintext.
    package static func decode(_ bytes: [UInt8]) throws(FormatError) -> String {
        var reader = ByteReader(bytes, structure: "tenant name")
        let name = try reader.text(within: FormatLimits.tenantName)
        try reader.endPadded()
        return name
    }

    /// What the genesis event says of the tenant's row, so that the row cannot be exchanged.
    package static func digest(tag: BlindTag, sealed: [UInt8]) -> Digest {
        SHA256.hash(tag.bytes + sealed)
    }
}
