// A ledger of an earlier build is migrated while others write to it with the functions of their
// build: what they were told is stored is there, once, and the chain verifies. Since functions
// speak of slots, they are told to stop.

import Synchronization
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Testing

@testable import Tallystick

@Suite(.database)
struct MigrationUnderLoadTests {
    /// An append as builds before slots made it: one event of random bytes on a stream of its own.
    private static let append = """
        SELECT a.verdict
        FROM tally.tenant t
        JOIN tally.head h USING (tenant_id)
        CROSS JOIN (SELECT gen_random_uuid() AS id, decode('01' || (
            SELECT string_agg(lpad(to_hex(floor(random() * 256)::int), 2, '0'), '')
            FROM generate_series(1, 92)), 'hex') AS part) p
        CROSS JOIN LATERAL tally.append_lane(
            ARRAY[h.tenant_id], ARRAY[h.size], ARRAY[h.last_leaf_hash], ARRAY[1],
            ARRAY[p.id::text], ARRAY[sha256('')], ARRAY[1], ARRAY[gen_random_uuid()], ARRAY[1],
            ARRAY[tally.leaf(1, h.tenant_id, h.size,
                greatest(tally.now_micros(), h.recorded_at + 1), p.id, h.last_leaf_hash,
                sha256(p.part))],
            ARRAY[1], ARRAY[p.part]) a
        WHERE t.slot = 2
        """

    private final class Load: Sendable {
        let stored = Atomic(0)
    }

    /// Appends until it is refused; counts how often it was told that its event is stored, and
    /// gives why it stopped.
    private static func write(
        _ configuration: LedgerConfiguration,
        _ load: Load
    ) async throws -> PostgresError? {
        var writer = configuration.connection()
        writer.role = "tally_writer"
        let pool = ConnectionPool(writer, size: 1)
        defer { pool.close() }
        return try await pool.withConnection { connection in
            while true {
                do throws(PostgresError) {
                    let rows = try connection.query(append)
                    if try rows.text(0, 0) == "stored" { load.stored.add(1, ordering: .relaxed) }
                } catch {
                    return error
                }
            }
        }
    }

    @Test(arguments: ["ledger-a715c26", "ledger-139994d"])
    func whoWritesMeanwhileLosesNothingAndIsTold(_ name: String) async throws {
        let fixture = try Fixture(name)
        defer { fixture.remove() }
        let superuser = try Connection(ConnectionConfiguration(uri: fixture.configuration.database))
        let size = """
            SELECT h.size FROM tally.head h JOIN tally.tenant t USING (tenant_id) WHERE t.slot = 2
            """
        let before = try superuser.query(size).integer(0, 0)
        let load = Load()
        try await withThrowingTaskGroup(of: PostgresError?.self) { group in
            for _ in 0..<4 {
                group.addTask { try await Self.write(fixture.configuration, load) }
            }
            while load.stored.load(ordering: .relaxed) < 40 { await Task.yield() }
            try await LedgerSchema.migrate(fixture.configuration)
            for try await refusal in group { #expect(refusal?.sqlState == "42883") }
        }
        let after = try superuser.query("SELECT size FROM tally.head WHERE slot = 2")
            .integer(0, 0)
        #expect(after == before + Int64(load.stored.load(ordering: .relaxed)))
        let broken = try superuser.query("SELECT * FROM tally.verify_range(2, 0, \(after))")
        #expect(broken.count == 0)
        let count = "SELECT count(DISTINCT position) FROM tally.event WHERE slot = 2"
        #expect(try superuser.query(count).integer(0, 0) == after)
    }
}
