// Keyed pseudonyms: how columns and requests are matched without showing what they name.

package import TallyCrypto

/// A tenant's index key with the values that are derived under it.
package struct IndexKey: Sendable {
    /// What a blind tag is a pseudonym of; one value under two labels has two tags.
    package enum Label: String, Sendable, CaseIterable {
        case stream, type, actor, subject, collection, tenant
    }

    private let key: HMACKey

    /// Prepares an index key.
    package init(_ key: SecretKey) throws(CryptoError) {
        self.key = try key.makeHMACKey()
    }

    /// The blind tag of a value: the first 16 bytes of HMAC(key, label ‖ 0 ‖ value).
    package func tag(_ label: Label, _ value: String) -> BlindTag {
        var message = ByteWriter(capacity: 12 + value.utf8.count)
        message.write(label.rawValue.utf8)
        message.write(UInt8(0))
        message.write(value.utf8)
        let mac = key.authenticate(message.bytes)
        return mac.withUnsafeBytes { BlindTag($0.prefix(16)) ?? .zero }
    }

    /// A document's leaf in its tenant's state root: keyed, so that it confirms no guess, and over
    /// digests of parts, so that erasing a person does not change it.
    ///
    /// - Parameters:
    ///   - stream: the stream's tag.
    ///   - data: the document's canonical data.
    ///   - partDigests: digests of the personal parts folded in since the last put or delete.
    /// - Returns: 32 bytes.
    package func documentDigest(
        _ stream: BlindTag,
        data: [UInt8],
        partDigests: [Digest]
    ) -> Digest {
        var writer = ByteWriter(label: "document", capacity: 64 + data.count)
        writer.write(UInt8(0))
        writer.write(stream)
        writer.write(UInt32(data.count))
        writer.write(data)
        writer.write(UInt32(partDigests.count))
        for digest in partDigests { writer.write(digest) }
        return key.authenticate(writer.bytes)
    }

    /// The id of an event that a request stores, so that the log itself knows the request for ever.
    ///
    /// - Parameters:
    ///   - request: the caller's id of the request, 1 to 255 bytes.
    ///   - ordinal: the event's place in the request, from 0.
    /// - Returns: 16 bytes of HMAC(key, "event" ‖ 0 ‖ uint32 length ‖ request ‖ uint32 ordinal), or
    ///   6 bytes of time and 10 of it where the request's id begins with a time.
    package func eventID(request: String, ordinal: Int) -> EventID {
        var message = ByteWriter(capacity: 24 + request.utf8.count)
        message.write("event".utf8)
        message.write(UInt8(0))
        message.write(UInt32(request.utf8.count))
        message.write(request.utf8)
        message.write(UInt32(ordinal))
        let mac = key.authenticate(message.bytes)
        guard let time = RequestTime(request) else {
            return mac.withUnsafeBytes { EventID($0.prefix(16)) ?? .zero }
        }
        return mac.withUnsafeBytes { EventID(time.bytes + $0.prefix(10)) ?? .zero }
    }
}
