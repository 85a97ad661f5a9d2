// What must be nowhere: a key, or a text that nobody else could have written, in every form in
// which software leaves bytes behind.

package import TallyCrypto

/// Bytes that a ``RemanenceScanner`` looks for, under a name that may be shown.
package struct Needle: Sendable {
    /// The fewest bytes a needle may have; half of them must not turn up by chance.
    package static let shortest = 16

    /// What it is, for reports; the bytes themselves are never shown.
    package let name: String
    /// The bytes, 16 or more.
    package let bytes: [UInt8]

    /// Names bytes, at least ``shortest`` of them.
    package init(_ name: String, bytes: [UInt8]) {
        precondition(bytes.count >= Self.shortest)
        self.name = name
        self.bytes = bytes
    }

    /// Names the bytes of a key.
    package init(_ name: String, key: SecretKey) {
        self.init(name, bytes: key.withBytes { [UInt8]($0) })
    }

    /// A text of 32 letters and digits that exists nowhere yet.
    package static func canary(_ name: String) -> Needle {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
        return Needle(name, bytes: (0..<32).compactMap { _ in letters.randomElement() })
    }

    /// The needle as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
