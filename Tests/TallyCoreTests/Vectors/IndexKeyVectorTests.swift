// What is derived under index keys, against tag.json and event_id.json.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Blind tags and ids of events.
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

    @Test("an event has the vector's id", arguments: try VectorFile("event_id").vectors)
    func eventIDs(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let index = try IndexKey(fields.secretKey("index_key"))
        let id = try index.eventID(
            request: fields.text("request"),
            ordinal: fields.integer("ordinal")
        )
        #expect(id == (try vector.identifier("id")))
        let mac = try fields.secretKey("index_key").makeHMACKey()
            .authenticate(vector.bytes("bytes"))
        let timed = Array(id.bytes.prefix(6) + mac.bytes.prefix(10))
        #expect(id.bytes == Array(mac.bytes.prefix(16)) || id.bytes == timed)
    }
}
