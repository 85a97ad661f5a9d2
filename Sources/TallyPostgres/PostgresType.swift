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
