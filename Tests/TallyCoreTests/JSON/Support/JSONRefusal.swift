// One row of the tables of refused documents: a document, the reason, and the byte it names.
// Shared by the suites for syntax and for strings.

import TallyCore
import Testing

/// A document the reader refuses.
struct JSONRefusal: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let code: JSONError.Code
    let offset: Int

    /// Creates a row; without an offset the document is refused at its end.
    init(_ name: String, _ text: String, _ code: JSONError.Code, at offset: Int? = nil) {
        self.init(name, Array(text.utf8), code, at: offset)
    }

    /// Creates a row out of bytes that need not be UTF-8.
    init(_ name: String, _ bytes: [UInt8], _ code: JSONError.Code, at offset: Int? = nil) {
        self.name = name
        self.bytes = bytes
        self.code = code
        self.offset = offset ?? bytes.count
    }

    /// Creates a row for a string of certain bytes, which are refused where they begin.
    init(string name: String, _ bytes: [UInt8], _ code: JSONError.Code) {
        self.init(name, [0x22] + bytes + [0x22], code, at: 1)
    }

    /// The name in the test report, where the bytes themselves may be unprintable.
    var testDescription: String { name }

    /// Expects both entry points to refuse the document for the same reason.
    func verify() {
        let checked = #expect(throws: JSONError.self) { try JSONReader.check(bytes) }
        let parsed = #expect(throws: JSONError.self) { _ = try JSONReader.parse(bytes) }
        #expect(checked?.code == code)
        #expect(checked?.offset == offset)
        #expect(checked == parsed)
    }
}
