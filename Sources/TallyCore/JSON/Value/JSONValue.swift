// A JSON document, or a part of one, as a tree.
// The reader builds it for the steps that look inside a document (folding, clear parts); plain
// submission only checks the text and keeps it verbatim.

/// A JSON value.
package enum JSONValue: Sendable, Hashable {
    /// The literal `null`.
    case null

    /// The literals `true` and `false`.
    case bool(Bool)

    /// A number, as text.
    case number(JSONNumber)

    /// A string.
    case string(JSONString)

    /// Values in order.
    case array([JSONValue])

    /// Values by key.
    case object(JSONObject)
}

extension JSONValue {
    /// The boolean, if this is one.
    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number, if this is one.
    package var numberValue: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }

    /// The number as an exact signed integer, if this is one and fits.
    package var int64Value: Int64? { numberValue?.int64 }

    /// The number as an exact unsigned integer, if this is one and fits.
    package var uint64Value: UInt64? { numberValue?.uint64 }

    /// The string, if this is one.
    package var stringValue: String? {
        if case .string(let value) = self { value.string } else { nil }
    }

    /// The elements, if this is an array.
    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, if this is an object.
    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }
}
