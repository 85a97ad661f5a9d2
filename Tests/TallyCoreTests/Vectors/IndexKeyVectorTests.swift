// What is derived under index keys, against tag.json and request_digest.json. The request with
// compressed data is in TallyLZ4Tests.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Blind tags and request digests.
@Suite struct IndexKeyVectorTests {
    @Test("a value has the vector's tag", arguments: try VectorFile("tag").vectors)
    func tags(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let index = try IndexKey(fields.secretKey("index_key"))
        let label = try #require(IndexKey.Label(rawValue: fields.text("label")))
        let tag = try index.tag(label, fields.text("value"))
        #expect(tag == (try vector.identifier("tag")))
        let mac = try fields.secretKey("index_key").makeHMACKey()
            .authenticate(vector.bytes("bytes"))
        #expect(tag.bytes == Array(mac.bytes.prefix(16)))
    }

    @Test("every label has a vector")
    func labels() throws {
        let labels = try VectorFile("tag").vectors.map { try $0.fields.text("label") }
        #expect(Set(labels) == Set(IndexKey.Label.allCases.map(\.rawValue)))
    }

    @Test("a request has the vector's digest", arguments: try Self.plainRequests())
    func requests(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let index = try IndexKey(fields.secretKey("index_key"))
        let events = try fields.entries("events").map(Self.event)
        #expect(index.requestDigest(events) == (try vector.digest("digest")))
        let mac = try fields.secretKey("index_key").makeHMACKey()
            .authenticate(vector.bytes("bytes"))
        #expect(mac == (try vector.digest("digest")))
    }

    private static func event(_ event: VectorEntry) throws -> RequestEvent {
        let expected: ExpectedVersion =
            switch try event.integer("expected", as: Int.self) {
            case -1: .any
            case 0: .noStream
            case let version: .version(version)
            }
        return try RequestEvent(
            expected: expected,
            envelope: event.entry("envelope").envelope().encoded(padded: false),
            personals: event.entries("personals").map { try $0.personal().encoded(padded: false) }
        )
    }

    private static func plainRequests() throws -> [VectorEntry] {
        try VectorFile("request_digest").vectors.filter { !$0.name.hasPrefix("lz4_") }
    }
}
