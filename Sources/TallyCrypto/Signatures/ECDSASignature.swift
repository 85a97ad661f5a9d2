// The form of signatures of P-256: strict DER, so that a signature has one spelling.

/// The one form of a signature: DER (X.690) of two integers that are below the group's order.
package enum ECDSASignature {
    /// The order of P-256's group.
    private static let order =
        Hex.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551") ?? []

    /// Whether bytes are a sequence of r and s, each positive, below the order and without a byte
    /// that it does not need.
    package static func isStrict(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2, bytes[0] == 0x30, Int(bytes[1]) == bytes.count - 2 else {
            return false
        }
        var rest = bytes[2...]
        return takeScalar(&rest) && takeScalar(&rest) && rest.isEmpty
    }

    private static func takeScalar(_ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.count >= 2, rest.removeFirst() == 0x02 else { return false }
        let count = Int(rest.removeFirst())
        guard (1...33).contains(count), count <= rest.count else { return false }
        var scalar = rest.prefix(count)
        rest = rest.dropFirst(count)
        guard let first = scalar.first, first < 0x80 else { return false }
        if first == 0, scalar.count > 1 {
            scalar = scalar.dropFirst()
            guard let next = scalar.first, next >= 0x80 else { return false }
        }
        return isInRange(scalar)
    }

    private static func isInRange(_ scalar: ArraySlice<UInt8>) -> Bool {
        guard scalar.count <= order.count, scalar.contains(where: { $0 != 0 }) else { return false }
        let padded = [UInt8](repeating: 0, count: order.count - scalar.count) + scalar
        return padded.lexicographicallyPrecedes(order)
    }
}
