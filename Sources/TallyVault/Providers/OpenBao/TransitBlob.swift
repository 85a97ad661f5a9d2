// A wrapped key as the database stores it. Transit's own text has many spellings that open (v0 is
// read as v1), so the stored form is bytes of which no other than these open.

internal import Foundation

/// A ciphertext of transit: the version of its key (4 bytes, big endian), then what it sealed.
struct TransitBlob {
    private let version: UInt32
    private let sealed: [UInt8]

    /// Reads transit's text, `vault:v1:` and base64.
    init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "vault", parts[1].first == "v",
            let version = UInt32(parts[1].dropFirst()), version > 0,
            let sealed = Data(base64Encoded: String(parts[2])), !sealed.isEmpty
        else { return nil }
        self.version = version
        self.sealed = [UInt8](sealed)
    }

    /// Reads the stored form.
    init?(_ blob: [UInt8]) {
        guard blob.count > 4 else { return nil }
        version = blob[..<4].reduce(0) { $0 << 8 | UInt32($1) }
        sealed = Array(blob[4...])
        guard version > 0 else { return nil }
    }

    /// The stored form.
    var bytes: [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: version >> (24 - 8 * $0)) } + sealed
    }

    /// Transit's text.
    var text: String { "vault:v\(version):\(Data(sealed).base64EncodedString())" }
}
