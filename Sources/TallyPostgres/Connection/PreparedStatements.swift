// What a connection has prepared, and under which names. A name is never used twice before the
// server has forgotten all of them, so a statement can be dropped here alone.

/// The names of prepared statements on their server.
struct PreparedStatements {
    /// A statement with the types of its parameters: with others it is another one.
    struct Key: Hashable {
        let statement: String
        let types: [UInt32]

        init(_ statement: String, _ parameters: [Parameter]) {
            self.statement = statement
            types = parameters.map(\.type)
        }

        /// By bytes: strings that only look alike are equal for Swift, and others for PostgreSQL.
        static func == (one: Self, other: Self) -> Bool {
            one.types == other.types && one.statement.utf8.elementsEqual(other.statement.utf8)
        }
    }

    private var names: [Key: String] = [:]
    private var made = 0

    /// The name of a statement that was prepared before.
    subscript(key: Key) -> String? { names[key] }

    /// The name for the next statement.
    var nextName: String { "s\(made)" }

    /// Whether the server has to forget all of them before the next one, those that were dropped
    /// here included.
    var isFull: Bool { made >= ConnectionLimits.preparedStatements }

    /// Remembers a statement under ``nextName``.
    mutating func add(_ key: Key) {
        names[key] = nextName
        made += 1
    }

    /// Drops one, so that it is prepared again.
    mutating func drop(_ key: Key) { names[key] = nil }

    /// Starts over, once the server has forgotten all of them.
    mutating func removeAll() { self = Self() }
}
