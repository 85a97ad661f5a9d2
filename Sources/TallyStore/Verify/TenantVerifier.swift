// Verifies a tenant from the database: ranges are read and hashed side by side, then folded in
// order.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
package import TallyVault

/// Verifies tenants over connections of role tally_auditor.
package struct TenantVerifier: Sendable {
    /// One range on its way to the ordered pass.
    private struct Range: Sendable {
        let records: [EventRecord]
        let opened: [OpenedEvent]
    }

    private let reader: LogReader
    private let jobs: Int
    private let vault: Vault?

    /// - Parameters:
    ///   - pool: at least `jobs` connections of role tally_auditor.
    ///   - vault: keys for the checks of `--open`, or `nil` to leave them out.
    package init(pool: ConnectionPool, jobs: Int, vault: Vault?) {
        reader = LogReader(pool: pool)
        self.jobs = jobs
        self.vault = vault
    }

    /// Verifies everything below the tenant's head as it is now.
    ///
    /// - Parameter progress: told the number of events done, now and then.
    /// - Complexity: one read of the log; memory for a few ranges, with `--open` also for the
    ///   number of streams.
    package func verify(
        _ tenant: TenantID, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> TenantVerdict {
        let (facts, extent) = try await pin(tenant)
        let requests = try await RequestCheck.run(tenant, size: facts.size, reader: reader)
        var log = LogVerifier(facts)
        var columns = try await columnCheck(tenant)
        var coverable = 0
        var columnFindings: [Finding] = []
        try await ranges(tenant, facts.size) { range in
            for record in range.records {
                log.add(record)
                let isRecorded = record.leaf?.kind.isSealed ?? false
                if isRecorded, record.position >= requests.first { coverable += 1 }
            }
            for event in range.opened { columnFindings += columns?.add(event) ?? [] }
            progress((range.records.last?.position ?? 0) + 1)
        }
        let suspects = log.suspects
        let repeated = try await duplicates(tenant, facts.size, suspects)
        var assembly = VerdictAssembly(facts: facts, report: log.finish())
        assembly.note(extent)
        assembly.note(duplicates: repeated)
        assembly.note(requests, coverable: coverable)
        assembly.note(columns, columnFindings)
        return assembly.verdict
    }

    /// The tables' claims and the extent of the rows, in one snapshot.
    private func pin(
        _ tenant: TenantID
    ) async throws(StoreError) -> (TenantFacts, LogExtent) {
        let pinned: (TenantFacts, LogExtent)? = try await reader.run { connection in
            try connection.transaction {
                try connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                guard let ledger = try TenantQuery.ledger(connection),
                    let row = try TenantQuery.rows(
                        connection, where: "t.tenant_id = $1", [.uuid(tenant.bytes)]
                    ).first
                else { return nil }
                return (Self.facts(ledger, row), try LogExtent.read(connection, tenant))
            }
        }
        guard let pinned else {
            throw StoreError(
                .notFound, "the tenant has no row or no head",
                hint: "run tally verify without a tenant: it names vanished tenants")
        }
        return pinned
    }

    private static func facts(_ ledger: LedgerRow, _ row: TenantRow) -> TenantFacts {
        TenantFacts(
            ledger: ledger.id, origin: ledger.origin, tenant: row.id,
            slot: UInt32(clamping: row.slot), region: row.region,
            nameDigest: TenantName.digest(tag: row.nameTag, sealed: row.nameSealed),
            size: row.size, lastLeafHash: row.lastLeafHash, recordedAt: row.recordedAt,
            state: row.state)
    }

    private func columnCheck(_ tenant: TenantID) async throws(StoreError) -> ColumnCheck? {
        guard let vault else { return nil }
        do throws(VaultError) {
            return ColumnCheck(index: try await vault.indexKey(tenant))
        } catch {
            throw StoreError(error)
        }
    }

    // MARK: - Ranges

    /// Reads and hashes ranges, `jobs` at a time, and hands them on in order.
    private func ranges(
        _ tenant: TenantID, _ size: Int, _ body: (Range) -> Void
    ) async throws(StoreError) {
        let starts = stride(from: 0, to: size, by: StoreLimits.pageEvents)
        var waiting = starts.makeIterator()
        var running: [Task<Result<Range, StoreError>, Never>] = []
        func startNext() {
            guard let start = waiting.next() else { return }
            let range = start..<min(start + StoreLimits.pageEvents, size)
            running.append(Task { await check(tenant, range) })
        }
        for _ in 0..<jobs + 1 { startNext() }
        while !running.isEmpty {
            let next = await running.removeFirst().value
            startNext()
            guard case .success(let range) = next else {
                for task in running { task.cancel() }
                _ = try next.get()
                return
            }
            body(range)
        }
    }

    @concurrent
    private func check(
        _ tenant: TenantID, _ range: Swift.Range<Int>
    ) async -> Result<Range, StoreError> {
        do throws(StoreError) {
            let keepsRows = vault != nil
            let (records, rows) = try await reader.read(tenant, range) { rows in
                var hasher = EventHasher(tenant: tenant)
                var records: [EventRecord] = []
                var kept: [StoredEvent] = []
                records.reserveCapacity(range.count)
                try rows { row in
                    records.append(hasher.check(row))
                    if keepsRows { kept.append(row) }
                }
                return (records, kept)
            }
            let opened = try await open(rows, tenant)
            return .success(Range(records: records, opened: opened))
        } catch {
            return .failure(error)
        }
    }

    private func open(
        _ rows: [StoredEvent], _ tenant: TenantID
    ) async throws(StoreError) -> [OpenedEvent] {
        guard let vault else { return [] }
        return try await EventOpener(vault: vault).open(rows, of: tenant)
    }

    /// Looks again at ids that may occur twice; gives the later position of each that does.
    private func duplicates(
        _ tenant: TenantID, _ size: Int, _ suspects: Set<EventID>
    ) async throws(StoreError) -> [Int] {
        guard !suspects.isEmpty else { return [] }
        var seen: Set<EventID> = []
        var repeated: [Int] = []
        try await ranges(tenant, size) { range in
            for record in range.records {
                guard let id = record.leaf?.eventID, suspects.contains(id) else { continue }
                if !seen.insert(id).inserted { repeated.append(record.position) }
            }
        }
        return repeated
    }
}

/// The first and last position that has a row.
struct LogExtent: Sendable {
    let first: Int
    let last: Int

    static func read(
        _ connection: Connection, _ tenant: TenantID
    ) throws(PostgresError) -> LogExtent {
        let rows = try connection.query(
            "SELECT first_position, last_position FROM tally.read_extent($1)",
            [.uuid(tenant.bytes)])
        guard rows.count == 1, !rows.isNull(0, 0) else { return LogExtent(first: 0, last: -1) }
        return LogExtent(
            first: Int(try rows.integer(0, 0)), last: Int(try rows.integer(0, 1)))
    }
}
