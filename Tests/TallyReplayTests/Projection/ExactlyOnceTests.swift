// Projectors that race, and backends that are killed in mid-batch: every event is applied once.

import Synchronization
import TallyCore
import TallyPostgres
import TallyReplay
import TallyTesting
import Tallystick
import Testing

/// Writes each event's position; a second time would violate the key, and roll its page back.
struct PositionLog: Projection {
    let name: String
    let version = 1

    func apply(_ events: [Event], in transaction: ProjectionTransaction) throws {
        for event in events {
            try transaction.execute(
                "INSERT INTO public.applied VALUES ($1, $2, $3)",
                [.text(name), .text(transaction.tenant), .integer(Int64(event.position))]
            )
        }
    }

    func erase(_ erasure: ErasedEvents, in transaction: ProjectionTransaction) throws {}

    static func prepare(_ connection: Connection) throws {
        try connection.execute(
            """
            CREATE TABLE public.applied (name text, tenant text, position bigint,
                PRIMARY KEY (name, tenant, position));
            GRANT INSERT ON public.applied TO tally_projector
            """
        )
    }
}

@Suite(.database, .serialized)
struct ExactlyOnceTests {
    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func projectorsThatRaceAndAreKilledApplyEachEventOnce(seed: UInt64) async throws {
        print("projectors: seed \(seed)")
        let test = try TestLedger.current
        let superuser = try Connection(ConnectionConfiguration(uri: test.configuration.database))
        try PositionLog.prepare(superuser)
        try await test.open { ledger in
            var tenants: [Tenant] = []
            for number in 0..<3 {
                tenants.append(try await ledger.createTenant(named: "tenant-\(number)"))
            }
            let others = try await [
                Ledger.open(test.configuration), Ledger.open(test.configuration),
            ]
            let services = others.map { other in
                Task {
                    try await ProjectionService(
                        other,
                        projections: [PositionLog(name: "own")]
                    ).run()
                }
            }
            let database = test.configuration.database
            let killer = Task { try await Self.kill(database, seed: seed, times: 25) }
            for _ in 0..<60 {
                for tenant in tenants { _ = try await Self.append(tenant, 20) }
            }
            try await killer.value
            try await Self.waitForAll(ledger)
            for service in services { service.cancel() }
            for service in services { try? await service.value }
            for other in others { await other.close() }
            for tenant in tenants {
                let positions = try superuser.query(
                    "SELECT position FROM applied WHERE tenant = $1 ORDER BY position",
                    [.text(tenant.id.hex)]
                )
                let found = try (0..<positions.count).map { try positions.integer($0, 0) }
                #expect(found == Array(0...1200))
                let documents = try await ProjectionCheck(
                    pool: ledger.readers,
                    vault: ledger.vault
                ).run(tenant.id)
                #expect(documents.isSound && documents.position == 1201)
                let trail = try await TrailCheck(pool: ledger.readers, vault: ledger.vault)
                    .run(tenant.id)
                #expect(trail.isSound && trail.position == 1201)
            }
        }
    }

    @Test func aPageThatAnotherProjectorHasOvertakenIsDroppedAndNoEventIsBlamed() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await Self.append(acme, 40)
            let step = ProjectionStep(
                readers: ledger.readers,
                projectors: ledger.projectors,
                vault: ledger.vault
            )
            let live = try await ledger.projectionRunner().live()
            let documents = try #require(live.first { $0.name == "documents" })
            let slow = Overtaken(documents) { try await step.run(documents, acme.id) }
            #expect(try await step.run(slow, acme.id) == .raced)
            #expect(try await step.run(documents, acme.id) == .idle)
            let progress = try await ProjectionRunner.progress(ledger.projectors, "documents", 1)
            #expect(progress.allSatisfy { $0.stop == nil })
            let verdict = try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault)
                .run(acme.id)
            #expect(verdict.isSound && verdict.position == 41)
        }
    }

    private static func append(_ tenant: Tenant, _ count: Int) async throws -> [Receipt] {
        let events = (0..<count).map { number in
            NewEvent.patch(
                "s/\(number % 7)",
                type: "t",
                data: #"{"n":\#(number)}"#,
                personal: ["p": "{}"]
            )
        }
        return try await tenant.append(events)
    }

    /// Ends backends of projectors in the middle of whatever they do.
    private static func kill(_ database: String, seed: UInt64, times: Int) async throws {
        let superuser = try Connection(ConnectionConfiguration(uri: database))
        var random = SeededRandom(seed: seed)
        var killed = 0
        while killed < times {
            let rows = try superuser.query(
                """
                SELECT pid FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'active'
                AND (query LIKE '%put_%' OR query LIKE '%applied%' OR query LIKE '%move_cursor%'
                    OR query LIKE '%read_progress%')
                AND pid <> pg_backend_pid() ORDER BY backend_start
                """
            )
            if rows.count > 0 {
                let pid = try rows.integer(Int.random(in: 0..<rows.count, using: &random), 0)
                _ = try superuser.query(
                    "SELECT pg_terminate_backend($1)",
                    [.integer(Int32(pid))]
                )
                killed += 1
            }
            await Task.yield()
        }
    }

    private static func waitForAll(_ ledger: Ledger) async throws {
        let versions = try await ProjectionRunner.versions(ledger.projectors)
        #expect(Set(versions.keys) == ["documents", "own", "trail"])
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            var behind = 0
            for (name, version) in versions {
                let progress = try await ProjectionRunner.progress(
                    ledger.projectors,
                    name,
                    version
                )
                behind += progress.reduce(0) { $0 + $1.size - $1.position }
            }
            if behind == 0 { return }
            await Task.yield()
        }
        Issue.record("the projections did not catch up")
    }
}

/// A projection that another projector overtakes between its page and its work.
private struct Overtaken: EventProjection {
    let projection: any EventProjection
    let overtake: @Sendable () async throws -> StepOutcome

    init(
        _ projection: any EventProjection,
        _ overtake: @escaping @Sendable () async throws -> StepOutcome
    ) {
        self.projection = projection
        self.overtake = overtake
    }

    var name: String { projection.name }
    var version: ProjectionVersion { projection.version }

    func erase(_ erased: Erased) async throws -> Int { try await projection.erase(erased) }

    func unskip(
        _ event: SkippedEvent,
        of tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int>
    ) async throws -> any ProjectionChange {
        try await projection.unskip(event, of: tenant, before: position, skipping: skipped)
    }

    func prepare(_ page: ProjectionPage) async throws -> any ProjectionChange {
        #expect(try await [.advanced(41, left: 0), .idle].contains(overtake()))
        return try await projection.prepare(page)
    }
}
