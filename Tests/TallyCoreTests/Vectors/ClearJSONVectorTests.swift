// The canonical text of clear parts, against clear_json.json, and the fields that each kind has.

import TallyCore
import TallyTesting
import Testing

/// Canonical JSON.
@Suite struct ClearJSONVectorTests {
    @Test("a value has the vector's bytes", arguments: try VectorFile("clear_json").vectors)
    func writes(_ vector: VectorEntry) throws {
        let value = try vector.fields.value("value")
        #expect(value.canonical() == (try vector.bytes("bytes")))
    }

    @Test("the bytes are read and written again", arguments: try VectorFile("clear_json").vectors)
    func reads(_ vector: VectorEntry) throws {
        let bytes = try vector.bytes("bytes")
        let value = try JSONReader.parse(bytes)
        #expect(value == (try vector.fields.value("value")))
        #expect(value.canonical() == bytes)
    }

    @Test("a value has the fields of its kind", arguments: try VectorFile("clear_json").vectors)
    func fits(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let told = ToldEvent(kind: try fields.numbered("kind"), text: try vector.bytes("bytes"))
        #expect(try ClearForm.fits(#require(told.fact)))
    }

    @Test("what is malformed is no event", arguments: try VectorFile("clear_json").malformed)
    func refuses(_ entry: VectorEntry) throws {
        let told = ToldEvent(kind: try entry.numbered("kind"), text: try entry.bytes("bytes"))
        #expect(told.fact.map(ClearForm.fits) ?? false == false)
    }
}
