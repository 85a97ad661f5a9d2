// One golden vector, or an object within one, with its members as the types tests compare.
// A member that is missing or of another type is an error that names its place.

package import TallyCore
package import TallyCrypto

/// An object in a file of golden vectors.
package struct VectorEntry: Sendable, CustomStringConvertible {
    /// The file and the names that lead here.
    let place: String
    /// The members as they were read.
    package let members: JSONObject

    /// The entry's place, which is its name in test reports.
    package var description: String { place }

    /// The entry's `name`, empty where it has none.
    package var name: String { members["name"]?.stringValue ?? "" }

    /// The inputs of a valid vector.
    package var fields: VectorEntry { get throws { try entry("fields") } }

    /// A member of any type.
    package func value(_ key: String) throws -> JSONValue {
        guard let value = members[JSONString(key)] else { throw problem(key, "missing") }
        return value
    }

    /// Whether there is such a member.
    package func has(_ key: String) -> Bool { members[JSONString(key)] != nil }

    /// A text.
    package func text(_ key: String) throws -> String {
        guard let text = try value(key).stringValue else { throw problem(key, "not a text") }
        return text
    }

    /// True or false.
    package func flag(_ key: String) throws -> Bool {
        guard let flag = try value(key).boolValue else { throw problem(key, "not a flag") }
        return flag
    }

    /// Bytes, written as hexadecimal digits.
    package func bytes(_ key: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(try text(key)) else { throw problem(key, "not hex") }
        return bytes
    }

    /// An integer, which is a decimal string where it is too large for a double.
    package func integer<Value: FixedWidthInteger>(
        _ key: String,
        as type: Value.Type = Value.self
    ) throws -> Value {
        let value = try value(key)
        let digits = value.numberValue?.text ?? value.stringValue ?? ""
        guard let integer = Value(digits) else { throw problem(key, "not a \(type)") }
        return integer
    }

    /// Hexadecimal texts.
    package func byteLists(_ key: String) throws -> [[UInt8]] {
        try list(key).map { item in
            guard let bytes = item.stringValue.flatMap({ Hex.decode($0) }) else {
                throw problem(key, "not hex")
            }
            return bytes
        }
    }

    /// An object.
    package func entry(_ key: String) throws -> VectorEntry {
        guard let members = try value(key).objectValue else { throw problem(key, "no object") }
        return VectorEntry(place: "\(place)/\(key)", members: members)
    }

    /// Objects, called by their names.
    package func entries(_ key: String) throws -> [VectorEntry] {
        try list(key).enumerated().map { index, item in
            guard let members = item.objectValue else { throw problem(key, "no object") }
            let name = members["name"]?.stringValue ?? "\(key)[\(index)]"
            return VectorEntry(place: "\(place)/\(name)", members: members)
        }
    }

    /// Values in order.
    package func list(_ key: String) throws -> [JSONValue] {
        guard let list = try value(key).arrayValue else { throw problem(key, "no array") }
        return list
    }

    private func problem(_ key: String, _ problem: String) -> VectorError {
        VectorError(place: "\(place)/\(key)", problem: problem)
    }
}

extension VectorEntry {
    /// A digest or key id.
    package func digest(_ key: String) throws -> Digest {
        guard let digest = Digest(try bytes(key)) else { throw problem(key, "not 32 bytes") }
        return digest
    }

    /// An id of 16 bytes.
    package func identifier<Tag>(_ key: String) throws -> Identifier<Tag> {
        guard let id = Identifier<Tag>(try bytes(key)) else { throw problem(key, "not 16 bytes") }
        return id
    }

    /// A key of 32 bytes.
    package func secretKey(_ key: String) throws -> SecretKey {
        var bytes = try bytes(key)
        return try SecretKey(SecretBytes(consuming: &bytes))
    }
}
