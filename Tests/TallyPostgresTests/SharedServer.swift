// The server of the tests of connections, parameters and copies. They keep to temporary tables, so
// they need no ledger, and none sees another.

import TallyPostgres
import TallyTesting
import Testing

/// The cluster that all tests share, with its database `postgres`.
enum SharedServer {
    static func configuration() throws -> ConnectionConfiguration {
        ConnectionConfiguration(
            uri: try TestCluster.shared.get().cluster.uri(database: "postgres")
        )
    }

    static func connect() throws -> Connection { try Connection(configuration()) }

    /// Ends a session, and returns when its process is gone.
    static func terminate(_ process: Int64) throws {
        let rows = try connect().query("SELECT pg_terminate_backend(\(process), 30000)")
        #expect(try rows.bool(0, 0), "session \(process) is still there")
    }

    /// So many bytes; no piece of them repeats at a round distance, so that none can be exchanged.
    static func bytes(_ count: Int) -> [UInt8] {
        let period = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }
        let periods = repeatElement(period, count: count / period.count + 1)
        return Array(periods.flatMap { $0 }.prefix(count))
    }
}

extension Connection {
    /// The server's process of this connection.
    func process() throws -> Int64 { try query("SELECT pg_backend_pid()").integer(0, 0) }

    /// A number that a query gives.
    func number(_ query: String) throws -> Int64 { try self.query(query).integer(0, 0) }

    /// Refuses what `body` does with one code, and is as usable as before.
    func refuses(
        _ state: String,
        _ comment: Comment? = nil,
        at location: SourceLocation = #_sourceLocation,
        _ body: (Connection) throws -> Void
    ) {
        let error = #expect(throws: PostgresError.self, comment, sourceLocation: location) {
            try body(self)
        }
        #expect(error?.code == .refused, comment, sourceLocation: location)
        #expect(error?.sqlState == state, comment, sourceLocation: location)
        #expect(isUsable, comment, sourceLocation: location)
        #expect(throws: Never.self, comment, sourceLocation: location) {
            try execute("SELECT 1")
        }
    }
}

/// What a test throws to see it again.
struct Interruption: Error, Equatable {
    let number: Int
}
