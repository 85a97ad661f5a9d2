// The plaintexts of callers' parts, against envelope.json, envelope_v2.json and personal.json. What
// takes an LZ4 decoder, the names with `lz4_`, is in TallyLZ4Tests.

import TallyCore
import TallyTesting
import Testing

/// Envelopes and personal sections.
@Suite struct PlaintextVectorTests {
    @Test("an envelope has the vector's bytes", arguments: try Self.envelopes())
    func encodesEnvelope(_ vector: VectorEntry) throws {
        let envelope = try vector.fields.envelope()
        #expect(envelope.encoded(padded: false) == (try vector.bytes("bytes")))
        #expect(envelope.encoded() == (try vector.bytes("padded")))
    }

    @Test("an envelope's bytes give its fields", arguments: try Self.envelopes())
    func decodesEnvelope(_ vector: VectorEntry) throws {
        let envelope = try Envelope(decoding: vector.bytes("padded"))
        #expect(envelope == (try vector.fields.envelope()))
        #expect(envelope.encoded() == (try vector.bytes("padded")))
        guard envelope.data.encoding == .identity else { return }
        #expect(envelope.data.bytes == (try vector.bytes("decoded")))
    }

    @Test(
        "a malformed envelope is refused",
        arguments: try Self.malformed("envelope") + Self.malformed("envelope_v2")
    )
    func refusesEnvelope(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try Envelope(decoding: $0) }
    }

    @Test("a section has the vector's bytes", arguments: try VectorFile("personal").vectors)
    func encodesPersonal(_ vector: VectorEntry) throws {
        let personal = try vector.fields.personal()
        #expect(personal.encoded(padded: false) == (try vector.bytes("bytes")))
        #expect(personal.encoded() == (try vector.bytes("padded")))
    }

    @Test("a section's bytes give its fields", arguments: try VectorFile("personal").vectors)
    func decodesPersonal(_ vector: VectorEntry) throws {
        let personal = try Personal(decoding: vector.bytes("padded"))
        #expect(personal == (try vector.fields.personal()))
        #expect(personal.encoded() == (try vector.bytes("padded")))
        guard personal.data.encoding == .identity else { return }
        #expect(personal.data.bytes == (try vector.bytes("decoded")))
    }

    @Test("a malformed section is refused", arguments: try Self.malformed("personal"))
    func refusesPersonal(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try Personal(decoding: $0) }
    }

    @Test("a block of zeros more is refused", arguments: ["envelope", "personal", "tenant_name"])
    func zeros(structure: String) throws {
        for vector in try VectorFile(structure).vectors {
            let padded = try vector.bytes("padded") + [UInt8](repeating: 0, count: 32)
            let error = #expect(throws: FormatError.self, "\(vector)") {
                switch structure {
                case "envelope": _ = try Envelope(decoding: padded)
                case "personal": _ = try Personal(decoding: padded)
                default: _ = try TenantName.decode(padded)
                }
            }
            #expect(error?.code == .padding, "\(vector)")
        }
    }

    @Test("names of sections are compared as bytes, not as Unicode text")
    func names() {
        let composed = PersonalName(subject: "\u{E9}")
        let decomposed = PersonalName(subject: "e\u{301}")
        #expect(composed != decomposed)
        #expect(decomposed < composed)
        #expect(Set([composed, decomposed]).count == 2)
        let joined = PersonalName(subject: "ab")
        #expect(joined != PersonalName(subject: "a", retentionClass: "b"))
        #expect(joined == PersonalName(subject: "ab", retentionClass: ""))
    }

    @Test("the order of names is that of the vector", arguments: try Self.openedEvents())
    func order(_ vector: VectorEntry) throws {
        let names = try vector.fields.byteLists("plaintexts").dropFirst().map {
            try Personal(decoding: $0).name
        }
        let stated = try vector.list("sections").map { section in
            let texts = try #require(section.arrayValue).map { try #require($0.stringValue) }
            return PersonalName(subject: texts[0], retentionClass: texts[1])
        }
        #expect(names == stated)
        #expect(zip(names, names.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("a time has one encoding: version 1 wherever it can express it")
    func times() throws {
        let earliest = OccurredAt.range.lowerBound
        for (micros, version) in [(earliest, 2), (-1, 2), (0, 2), (1, 1)] as [(Int64, UInt8)] {
            let envelope = Envelope(
                operation: .note,
                stream: "s",
                type: "t",
                occurredAt: OccurredAt(micros),
                data: PartData(identity: [])
            )
            #expect(envelope.encoded().first == version)
            #expect(try Envelope(decoding: envelope.encoded()).occurredAt.micros == micros)
        }
        #expect(OccurredAt.notGiven.micros == nil)
        #expect(OccurredAt(version1: .max).micros == .max)
    }

    private static func envelopes() throws -> [VectorEntry] {
        try VectorFile("envelope").vectors + VectorFile("envelope_v2").vectors
    }

    private static func malformed(_ structure: String) throws -> [VectorEntry] {
        try VectorFile(structure).malformed.filter { !$0.name.hasPrefix("lz4_") }
    }

    private static func openedEvents() throws -> [VectorEntry] {
        try VectorFile("opened_event").vectors
    }
}
