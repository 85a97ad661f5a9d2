// What must hold for every document, tried on many random ones.
// Seeds are fixed: a failure repeats until it is mended.

import TallyCore
import Testing

/// Properties of reader and writer together.
@Suite struct JSONPropertyTests {
    @Test("what is written is read back equal, and written again the same", arguments: 1...4)
    func roundTrip(seed: UInt64) throws {
        var random = JSONRandom(seed: seed)
        for _ in 0..<250 {
            let value = random.value()
            let bytes = value.canonical()
            try JSONReader.check(bytes)
            let read = try JSONReader.parse(bytes)
            #expect(read == value)
            #expect(read.hashValue == value.hashValue)
            #expect(read.canonical() == bytes)
        }
    }

    @Test("check and parse agree on 20,000 mutations", arguments: 1...4)
    func mutations(seed: UInt64) {
        var random = JSONRandom(seed: seed &* 1_000)
        var taken = 0
        for _ in 0..<100 {
            let document = JSONValue.object(random.object(depth: 3)).canonical()
            for _ in 0..<50 {
                var mutation = document
                random.mutate(&mutation)
                if agree(on: mutation) { taken += 1 }
            }
        }
        // Neither all nor none, or the mutations would not be worth much.
        #expect((300..<4_500).contains(taken))
    }

    @Test("no beginning of a container or string is a document")
    func beginnings() {
        var random = JSONRandom(seed: 7)
        for _ in 0..<20 {
            let bytes = JSONValue.array([random.value()]).canonical()
            for count in 0..<bytes.count {
                #expect(!agree(on: Array(bytes.prefix(count))))
            }
        }
    }

    /// Whether a document is taken, by `check` and `parse` alike.
    private func agree(on bytes: [UInt8]) -> Bool {
        let checked = Result { () throws(JSONError) in try JSONReader.check(bytes) }
        let parsed = Result { () throws(JSONError) in try JSONReader.parse(bytes) }
        switch (checked, parsed) {
        case (.success, .success(let value)):
            let again = Result { () throws(JSONError) in try JSONReader.parse(value.canonical()) }
            #expect(again == .success(value))
            return true
        case (.failure(let one), .failure(let other)):
            #expect(one == other)
            #expect((0...bytes.count).contains(one.offset))
            return false
        default:
            Issue.record("check and parse disagree")
            return false
        }
    }
}
