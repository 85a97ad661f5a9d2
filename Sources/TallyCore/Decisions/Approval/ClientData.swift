// clientDataJSON: for which challenge, and on which page, a browser asked the passkey.

package import TallyCrypto

/// The members of `clientDataJSON` that count; others are allowed, since browsers add some.
package struct ClientData {
    private let object: JSONObject

    /// Reads a JSON object whose keys are there once; `nil` for anything else.
    package init?(_ text: [UInt8]) {
        guard let object = try? JSONReader.parse(text).objectValue else { return nil }
        self.object = object
    }

    /// Whether a page of the relying party itself, in no frame of another site, asked for a
    /// signature over a challenge.
    package func answers(_ challenge: Digest, for relyingParty: Digest) -> Bool {
        object["type"] == "webauthn.get"
            && object["challenge"]?.stringValue == Self.base64URL(challenge.bytes)
            && [nil, .bool(false)].contains(object["crossOrigin"])
            && object["topOrigin"] == nil
            && (object["origin"]?.stringValue).flatMap(Self.host).map {
                Self.isHost($0, of: relyingParty)
            } ?? false
    }

    /// The host of an https origin; of http only that of this machine.
    private static func host(of origin: String) -> Substring? {
        guard let scheme = ["https://", "http://"].first(where: { origin.hasPrefix($0) }) else {
            return nil
        }
        let pieces = origin.dropFirst(scheme.count)
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = pieces.first, isName(host), pieces.dropFirst().allSatisfy(isPort),
            scheme == "https://" || host == "localhost"
        else { return nil }
        return host
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private static func isPort(_ text: Substring) -> Bool {
        (1...5).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Whether a host is that of a relying party, or below it.
    private static func isHost(_ host: Substring, of relyingParty: Digest) -> Bool {
        var name: Substring? = host
        while let candidate = name {
            if SHA256.hash(Array(candidate.utf8)) == relyingParty { return true }
            name = candidate.firstIndex(of: ".").map { candidate[candidate.index(after: $0)...] }
        }
        return false
    }

    /// RFC 4648, section 5, without padding.
    private static func base64URL(_ bytes: [UInt8]) -> String {
        let digits = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
        )
        var (text, rest, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for byte in bytes {
            (rest, count) = (rest << 8 | UInt32(byte), count + 8)
            while count >= 6 {
                count -= 6
                text.append(digits[Int(rest >> UInt32(count) & 63)])
            }
        }
        if count > 0 { text.append(digits[Int(rest << UInt32(6 - count) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
