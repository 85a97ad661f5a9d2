// Object ids of the built-in types we send and read, from PostgreSQL's catalog pg_type.

/// A built-in PostgreSQL type by its object id.
package enum PostgresType: UInt32, Sendable {
    case bool = 16
    case bytea = 17
    case bigint = 20
    case smallint = 21
    case integer = 23
    case text = 25
    case uuid = 2950

    /// The object id of the array of this type.
    var array: UInt32 {
        switch self {
        case .bool: 1000
        case .bytea: 1001
        case .bigint: 1016
        case .smallint: 1005
        case .integer: 1007
        case .text: 1009
        case .uuid: 2951
        }
    }
}

extension PostgresType {
    /// The bytes of a number of this type; `nil` for a type that is none.
    var integerWidth: Int? {
        switch self {
        case .smallint: 2
        case .integer: 4
        case .bigint: 8
        case .bool, .bytea, .text, .uuid: nil
        }
    }

    /// The type of number whose arrays have this object id.
    init?(arrayOfNumbers type: UInt32) {
        switch type {
        case Self.smallint.array: self = .smallint
        case Self.integer.array: self = .integer
        case Self.bigint.array: self = .bigint
        default: return nil
        }
    }

    /// Whether the binary form of a type is its text: text, varchar, char, name, "char", json, or a
    /// literal of no type.
    static func isText(_ type: UInt32) -> Bool {
        switch type {
        case text.rawValue, 1043, 1042, 19, 18, 114, 705: true
        default: false
        }
    }
}
