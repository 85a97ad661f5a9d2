// The canonical text of clear parts, against clear_json.json. Which fields a kind must have is not
// checked by Swift yet, so the malformed entries are not used here.

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
}
