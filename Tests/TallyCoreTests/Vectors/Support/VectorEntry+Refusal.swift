// What every test of malformed vectors expects: a refusal with the vector's own code.
// The codes of the vectors are the raw values of FormatError.Code.

import TallyCore
import TallyTesting
import Testing

/// Expects a decoder to refuse an entry's `bytes` for the reason that the entry states.
func expectRefusal<Decoded>(
    of entry: VectorEntry,
    by decode: ([UInt8]) throws -> Decoded
) throws {
    let code = try #require(FormatError.Code(rawValue: entry.text("code")), "\(entry)")
    let bytes = try entry.bytes("bytes")
    let error = #expect(throws: FormatError.self, "\(entry)") { _ = try decode(bytes) }
    let found = try #require(error)
    #expect(found.code == code, "\(entry)")
    #expect((0...bytes.count).contains(found.offset), "\(entry)")
}

extension VectorEntry {
    /// A member with the number of a case, such as a kind or a state.
    func numbered<Case: RawRepresentable>(
        _ key: String,
        as type: Case.Type = Case.self
    ) throws -> Case where Case.RawValue == UInt8 {
        try #require(Case(rawValue: integer(key)), "\(self)/\(key)")
    }
}
