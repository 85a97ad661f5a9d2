// The door: the JSON a caller submits is checked here once, and from here on stored verbatim.
// `check` serves submission; `parse` serves the steps that look inside (folding, clear parts).

/// A strict reader of RFC 8259 JSON with the rules of I-JSON (RFC 7493) that keep texts
/// unambiguous.
///
/// Keys are unique, strings are valid Unicode without U+0000, and nothing is repaired. Two rules of
/// I-JSON are left out, because numbers and strings are kept verbatim: numbers may go beyond the
/// range and precision of a double, and strings may have noncharacters such as U+FFFF.
package enum JSONReader {
    /// Reads a document into a tree.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try check(bytes)
        var builder = JSONBuilder()
        do throws(JSONFault) {
            return try builder.value(bytes.span)
        } catch {
            // Not reached as long as checker and builder walk with the same lexer.
            throw JSONError(code: error.code, pointer: "", offset: error.offset)
        }
    }

    /// Refuses what `parse` refuses, without building a tree.
    package static func check(_ bytes: [UInt8]) throws(JSONError) {
        var checker = JSONChecker()
        do throws(JSONFault) {
            try checker.check(bytes.span)
        } catch {
            let pointer = checker.unwind(bytes.span)
            throw JSONError(code: error.code, pointer: pointer, offset: error.offset)
        }
    }
}
