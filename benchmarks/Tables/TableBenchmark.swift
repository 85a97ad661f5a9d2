// A table built at once beside one that is written event by event, over the same log.

internal import Foundation
internal import TallyPostgres
internal import TallyReplay
internal import Tallystick

/// Measures table projections over one long log.
struct TableBenchmark {
    /// A rebuild must reach this many times the rate of a statement an event.
    private static let floor = 5.0

    private let site: BenchmarkSite

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    /// Prints each figure, and gives whether the floor is reached.
    func run() async throws -> Bool {
        let log = try await LongLog.make(site, events: Setting.number("BENCH_EVENTS", 200_000))
        let table = try Self.table()
        _ = try await TableRegistry(projectors: site.ledger.projectors).declare(table)
        let stop = try await site.ledger.projectionRunner().catchUp(log.tenant.id, ["documents"])
        precondition(stop == nil)
        let coming = try await rate(log) { try await catchUp(log, [table.name]) }
        try await StatementProjection.prepare(site.administrator)
        var (building, stating): ([Double], [Double]) = ([], [])
        for round in 0..<Setting.number("BENCH_ROUNDS", 3) {
            building.append(try await rate(log) { try await rebuild(table, log) })
            let own = StatementProjection(name: "statements-\(round)")
            stating.append(try await rate(log) { try await catchUp(log, [own.name], own) })
        }
        let rewriting = try await rewrite(table)
        let ratio = building.median / stating.median
        print("a statement an event   \(Int(stating.median)) events/s")
        print("a table, page by page  \(Int(coming)) events/s, documents kept beforehand")
        print("a table, rebuilt       \(Int(building.median)) events/s")
        print(String(format: "ratio                  %.1f, floor %.0f", ratio, Self.floor))
        print(String(format: "a million rows written into a new file  %.1f s", rewriting))
        return ratio >= Self.floor
    }

    /// What an erasure does to a table with personal columns, in seconds.
    private func rewrite(_ table: TableDefinition) async throws -> Double {
        try await site.administrator.withConnection { connection in
            try connection.execute("SET statement_timeout = 0")
            let name = "tally_tables.\(table.name)"
            try connection.execute(
                """
                INSERT INTO \(name)
                SELECT gen_random_uuid(), 'bench/row/' || n, 1, n, n::text, n
                FROM generate_series(1, 1000000) n
                """
            )
            let start = ContinuousClock.now
            try connection.execute(
                "ALTER TABLE \(name) ALTER COLUMN version TYPE int USING (version + 0)"
            )
            return (ContinuousClock.now - start) / .seconds(1)
        }
    }

    private static func table() throws -> TableDefinition {
        try TableDefinition(
            name: "bench_\(UInt32.random(in: 0 ... .max))",
            collection: "billing/invoice",
            columns: [
                TableColumn("total", from: ColumnPath("$.data.total")),
                TableColumn("round", .bigint, from: ColumnPath("$.data.round")),
            ],
            indexes: [["total"]]
        )
    }

    private func rebuild(_ table: TableDefinition, _ log: LongLog) async throws {
        let rebuild = ProjectionRebuild(
            readers: site.ledger.readers,
            projectors: site.ledger.projectors,
            vault: site.ledger.vault
        )
        let report = try await rebuild.run(table.name, [log.tenant.id]) { _ in }
        precondition(report.rows == log.streams)
    }

    private func catchUp(
        _ log: LongLog,
        _ names: Set<String>,
        _ own: (any Projection)? = nil
    ) async throws {
        let runner = site.ledger.projectionRunner(own.map { [$0] } ?? [])
        try await runner.register()
        let stop = try await runner.catchUp(log.tenant.id, names)
        precondition(stop == nil)
    }

    private func rate(_ log: LongLog, _ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return Double(log.size) / ((ContinuousClock.now - start) / .seconds(1))
    }
}

/// The same table as an application may write it: one upsert an event, a transaction a page.
struct StatementProjection: Projection {
    let name: String
    let version = 1

    static func prepare(_ administrator: ConnectionPool) async throws {
        try await administrator.withConnection {
            try $0.execute(
                """
                CREATE TABLE IF NOT EXISTS public.statement_rows (
                    name text, tenant text, stream text, total text, round bigint,
                    PRIMARY KEY (name, tenant, stream));
                CREATE INDEX IF NOT EXISTS statement_totals
                    ON public.statement_rows (name, tenant, total);
                GRANT SELECT, INSERT, UPDATE ON public.statement_rows TO tally_projector
                """
            )
        }
    }

    func apply(_ events: [Event], in transaction: ProjectionTransaction) throws {
        for event in events where event.stream != nil {
            try transaction.execute(
                """
                INSERT INTO public.statement_rows AS r
                SELECT $1, $2, $3, d ->> 'total', (d ->> 'round')::bigint
                FROM (SELECT $4::jsonb d) x
                ON CONFLICT (name, tenant, stream) DO UPDATE SET
                    total = coalesce(excluded.total, r.total),
                    round = coalesce(excluded.round, r.round)
                """,
                [
                    .text(name), .text(transaction.tenant), .text(event.stream ?? ""),
                    .text(event.data ?? "{}"),
                ]
            )
        }
    }

    func erase(_ erasure: ErasedEvents, in transaction: ProjectionTransaction) throws {}
}
