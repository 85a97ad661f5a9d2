// A JSON string, key or value, compared by its UTF-8 bytes.
// The reader makes them out of checked text; the canonical writer sorts and escapes them.

/// A JSON string: JSON tells strings apart by code points, as ``ByteText`` does.
///
/// One with U+0000 can be made, and is written as `\u0000`, but the reader refuses it.
package typealias JSONString = ByteText
