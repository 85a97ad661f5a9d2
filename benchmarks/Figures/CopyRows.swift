// Rows in the shape of the log's for COPY, which checks nothing.

internal import Synchronization
internal import TallyCrypto
internal import TallyPostgres

/// Rows that no two loads share.
final class CopyRows: Sendable {
    private static let columns =
        "raw_event (slot, version, position, stream, event_id, leaf, body)"
    private static let position = Atomic(0)

    /// Loads rows in a transaction of its own.
    func load(_ count: Int, _ connection: Connection) throws(PostgresError) {
        let leaf = SecureRandom.bytes(116)
        let body = SecureRandom.bytes(353)
        try connection.copyIn(Self.columns) { writer in
            for _ in 0..<count {
                writer.row(fields: 7)
                writer.field(Int32(-1))
                writer.field(Int32(1))
                writer.field(Int64(Self.position.wrappingAdd(1, ordering: .relaxed).newValue))
                writer.field(SecureRandom.bytes(16))
                writer.field(SecureRandom.bytes(16))
                writer.field(leaf)
                writer.field(body)
            }
        }
    }
}

/// Durations that many tasks note.
final class Times: Sendable {
    private let times = Mutex<[Double]>([])

    func add(_ time: Double) { times.withLock { $0.append(time) } }

    var all: [Double] { times.withLock { $0 } }
}
