// What the lexer throws inside the reader: why and where, in two words.
// The reader's entry points add the pointer and turn it into the `JSONError` callers see, so the
// hot path never carries text.

/// A refusal on its way out of the reader.
struct JSONFault: Error {
    /// Why the text is refused.
    let code: JSONError.Code

    /// The offending byte.
    let offset: Int

    /// Creates a fault.
    init(_ code: JSONError.Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}
