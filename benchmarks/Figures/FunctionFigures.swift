// The append function alone beside a raw INSERT of the same rows into a table with the same
// indexes: what its locks and checks cost the server.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// The processor time of one backend for batches of 128 events of 32 tenants.
struct FunctionFigures {
    private static let batches = 40
    private let site: BenchmarkSite
    private let rounds: Int

    init(_ site: BenchmarkSite, rounds: Int) {
        self.site = site
        self.rounds = rounds
    }

    func run(_ book: inout FigureBook) async throws {
        let slots = try await site.slots()
        let pool = ConnectionPool(ConnectionConfiguration(uri: site.database), size: 1)
        defer { pool.close() }
        let (rounds, number) = (rounds, Counter())
        let pairs = try await pool.withConnection { connection in
            try connection.execute(Self.prepare)
            try connection.execute("SET plan_cache_mode = force_generic_plan")
            return try (0..<rounds).map { _ in
                (
                    try Self.time(slots, connection) {
                        _ = try connection.query(Self.append)
                    },
                    try Self.time(slots, connection) {
                        _ = try connection.query(Self.insert, [.bigint(Int64(number.next()))])
                    }
                )
            }
        }
        book.add(
            "append.function",
            "µs an event",
            against: "raw unnest INSERT",
            pairs,
            goal: .atMost(2)
        )
    }

    /// The median over batches, in µs an event.
    private static func time(
        _ slots: [Int],
        _ connection: Connection,
        _ body: () throws -> Void
    ) throws -> Double {
        let pid = try connection.query("SELECT pg_backend_pid()").integer(0, 0)
        var times: [Double] = []
        for batch in 0..<batches {
            let some = (0..<32).map { slots[(batch + $0) % slots.count] }.sorted()
            let list = some.map { "\($0)" }.joined(separator: ",")
            try connection.execute("CALL pg_temp.build(ARRAY[\(list)])")
            let before = CPUTime.backend(pid)
            try body()
            times.append((CPUTime.backend(pid) - before) / 128)
        }
        return times.median
    }

    private static let append = """
        SELECT tally.append_plain(t_slots, t_ids, t_sizes, t_lasts, t_floors, t_firsts, e_tenants,
            e_ids, e_streams, e_versions, e_leaves, e_parts)
        FROM pg_temp.batch
        """

    private static let insert = """
        INSERT INTO raw_event (slot, version, position, stream, event_id, leaf, body)
        SELECT (t_slots)[e.q], e.version, $1::bigint * 128 + e.o, e.stream, e.id, e.leaf,
            int4send(octet_length(e.part)) || e.part
        FROM (
            SELECT t_slots, generate_series(1, 128) AS o, unnest(e_tenants) AS q,
                unnest(e_ids) AS id, unnest(e_streams) AS stream, unnest(e_versions) AS version,
                unnest(e_leaves) AS leaf, unnest(e_parts) AS part
            FROM pg_temp.batch) e
        """

    /// A table as the log's, without guards, and a procedure that makes the next batch.
    private static let prepare = """
        DROP TABLE IF EXISTS raw_event;
        CREATE TABLE raw_event (LIKE tally.event INCLUDING STORAGE INCLUDING CONSTRAINTS);
        ALTER TABLE raw_event ADD PRIMARY KEY (slot, position), ADD UNIQUE (slot, stream, version),
            ADD UNIQUE (slot, event_id);
        CREATE TEMP TABLE batch (
            t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
            t_firsts int[], e_tenants int[], e_ids uuid[], e_streams uuid[], e_versions int[],
            e_leaves bytea[], e_parts bytea[]);
        CREATE PROCEDURE pg_temp.build(p_slots int[]) LANGUAGE plpgsql AS $$
        DECLARE
            v_head tally.head;
            v_at bigint := tally.now_micros();
            v_id uuid;
            v_part bytea;
            v_leaf bytea;
            v_last bytea;
            r pg_temp.batch;
        BEGIN
            TRUNCATE pg_temp.batch;
            r.t_slots := p_slots;
            r.t_firsts := ARRAY(SELECT generate_series(1, 4 * cardinality(p_slots) + 1, 4));
            FOR q IN 1..cardinality(p_slots) LOOP
                SELECT * INTO STRICT v_head FROM tally.head WHERE slot = p_slots[q];
                r.t_ids := r.t_ids || v_head.tenant_id;
                r.t_sizes := r.t_sizes || v_head.size;
                r.t_lasts := r.t_lasts || v_head.last_leaf_hash;
                r.t_floors := r.t_floors
                    || greatest(v_head.recorded_at, v_head.closed_through);
                v_last := v_head.last_leaf_hash;
                FOR i IN 0..3 LOOP
                    v_id := gen_random_uuid();
                    v_part := substr('\\x01'::bytea || (
                        SELECT string_agg(uuid_send(gen_random_uuid()), '')
                        FROM generate_series(1, 22)), 1, 349);
                    v_leaf := tally.leaf(1, v_head.tenant_id, v_head.size + i,
                        greatest(v_at, v_head.recorded_at + 1 + i) + i, v_id, v_last,
                        sha256(v_part));
                    v_last := tally.leaf_hash(v_leaf);
                    r.e_tenants := r.e_tenants || q;
                    r.e_ids := r.e_ids || v_id;
                    r.e_streams := r.e_streams || gen_random_uuid();
                    r.e_versions := r.e_versions || 1;
                    r.e_leaves := r.e_leaves || v_leaf;
                    r.e_parts := r.e_parts || v_part;
                END LOOP;
            END LOOP;
            INSERT INTO pg_temp.batch SELECT r.*;
        END $$
        """
}

extension BenchmarkSite {
    /// The keys of its tenants in the database.
    func slots() async throws -> [Int] {
        var slots: [Int] = []
        for tenant in tenants {
            slots.append(try await ledger.registry.find(tenant.name).slot)
        }
        return slots
    }
}
