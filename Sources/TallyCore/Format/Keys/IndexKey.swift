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

    /// The digest that tells a retried request from another one under the same id.
    ///
    /// - Parameter events: what was submitted, uncompressed, in order.
    /// - Returns: 32 bytes.
    package func requestDigest(_ events: [RequestEvent]) -> Digest {
        var writer = ByteWriter(label: "request", capacity: 256 * events.count)
        writer.write(UInt8(0))
        writer.write(UInt32(events.count))
        for event in events { event.write(to: &writer) }
        return key.authenticate(writer.bytes)
    }
}

/// One event of a request as its digest covers it.
package struct RequestEvent {
    let expected: ExpectedVersion
    let envelope: [UInt8]
    let personals: [[UInt8]]

    /// Describes an event by its unpadded, uncompressed plaintexts, in part order.
    package init(expected: ExpectedVersion, envelope: [UInt8], personals: [[UInt8]]) {
        self.expected = expected
        self.envelope = envelope
        self.personals = personals
    }

    func write(to writer: inout ByteWriter) {
        writer.write(expected.rawValue)
        writer.write(UInt32(envelope.count))
        writer.write(envelope)
        writer.write(UInt8(personals.count))
        for personal in personals {
            writer.write(UInt32(personal.count))
            writer.write(personal)
        }
    }
}
