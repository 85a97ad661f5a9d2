// The request id of a caller who gave none.

internal import TallyCore
internal import TallyCrypto

/// Draws request ids.
package enum RequestID {
    /// Draws an id whose order is that of time, so that a tenant's newest rows lie together in
    /// the index: 8 bytes of time, then 8 random ones, in hexadecimal digits.
    package static func draw(at micros: UInt64) -> String {
        var id = ByteWriter(capacity: 16)
        id.write(micros)
        id.write(SecureRandom.bytes(8))
        return Hex.encode(id.bytes)
    }
}
