// Bytes in JSON: lower-case hexadecimal digits.

internal import TallyCrypto

extension JSONValue {
    /// Bytes as lower-case hexadecimal digits.
    package static func hex(_ bytes: [UInt8]) -> JSONValue {
        .string(JSONString(Hex.encode(bytes)))
    }

    /// The bytes that ``hex(_:)`` made a string of.
    package var bytes: [UInt8]? {
        guard let text = stringValue, let bytes = Hex.decode(text), Hex.encode(bytes) == text
        else { return nil }
        return bytes
    }
}
