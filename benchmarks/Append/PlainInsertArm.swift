// The arm to compare with: one plain row a transaction over four connections, same indexes.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// Inserts a row and commits, as an audit table without a ledger does.
struct PlainInsertArm: Sendable {
    private static let connections = 4
    private let site: BenchmarkSite

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    func measure(
        seconds: Double,
        connections: Int = Self.connections,
        _ times: Times? = nil
    ) async throws -> Measure {
        let pool = ConnectionPool(
            ConnectionConfiguration(uri: site.database),
            size: connections
        )
        defer { pool.close() }
        try await pool.withConnection { try $0.execute(Self.table) }
        return try await Measure.take(
            site,
            callers: connections,
            seconds: seconds
        ) { _ in
            let start = ContinuousClock.now
            try await pool.withConnection { connection in
                _ = try connection.query(
                    """
                    INSERT INTO plain_event (tenant_id, stream, version, leaf, body)
                    VALUES (gen_random_uuid(), gen_random_uuid(), 1, $1, $2)
                    """,
                    [.bytea(Self.leaf), .bytea(Array(BenchmarkEvent.data.utf8))]
                )
            }
            times?.add((ContinuousClock.now - start) / .milliseconds(1))
        }
    }

    private static let leaf = [UInt8](repeating: 7, count: 116)
    private static let table = """
        CREATE TABLE IF NOT EXISTS plain_event (
            tenant_id uuid NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY,
            stream uuid NOT NULL, version int NOT NULL, leaf bytea NOT NULL, body bytea NOT NULL,
            PRIMARY KEY (tenant_id, position), UNIQUE (tenant_id, stream, version))
        """
}
