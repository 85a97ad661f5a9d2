// Swift literals for JSON values.
// Callers that build clear parts and folded documents write them down as they will look.

extension JSONValue: ExpressibleByNilLiteral {
    /// Creates `null`.
    package init(nilLiteral: ()) {
        self = .null
    }
}

extension JSONValue: ExpressibleByBooleanLiteral {
    /// Creates `true` or `false`.
    package init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension JSONValue: ExpressibleByIntegerLiteral {
    /// Creates a number.
    package init(integerLiteral value: Int64) {
        self = .number(JSONNumber(value))
    }
}

extension JSONValue: ExpressibleByStringInterpolation {
    /// Creates a string from a literal, interpolated or not.
    package init(stringLiteral value: String) {
        self = .string(JSONString(value))
    }
}

extension JSONValue: ExpressibleByArrayLiteral {
    /// Creates an array.
    package init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    /// Creates an object; a key given again replaces the earlier value in its place.
    package init(dictionaryLiteral elements: (JSONString, JSONValue)...) {
        self = .object(JSONObject(elements.lazy.map { (key: $0, value: $1) }))
    }
}
