// Verification of whole logs: nothing is believed that the chain does not commit to.

internal import TallyPostgres
public import TallyCore
internal import TallyStore

/// Verifies the logs of a ledger, over connections of its own; see
/// ``Ledger/withVerifier(jobs:opensEvents:_:)``.
public struct Verifier: Sendable {
    private let ledger: LedgerVerifier
    private let tenants: TenantVerifier

    init(_ ledger: Ledger, pool: ConnectionPool, jobs: Int, opensEvents: Bool) {
        self.ledger = LedgerVerifier(pool: pool)
        tenants = TenantVerifier(pool: pool, jobs: jobs, vault: opensEvents ? ledger.vault : nil)
    }

    /// Verifies everything below the tenant's head as it is now.
    ///
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - progress: is told the number of events done, now and then.
    /// - Returns: the checks and what they found; a broken log is a verdict, not an error.
    /// - Throws: `notFound` when the tenant has no row or no head; ``findings()`` names it.
    /// - Complexity: one read of the log; memory for a few ranges, with opened events also for the
    ///   number of streams.
    public func verify(
        _ tenant: Tenant,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(Problem) -> TenantVerdict {
        try await tenants.verify(tenant.id, progress: progress)
    }

    /// What only a look at all tenants shows: one that vanished, a slot that is empty, a ledger's
    /// row that was altered.
    ///
    /// - Complexity: memory for all tenants' ids.
    public func findings() async throws(Problem) -> [Finding] {
        try await ledger.check()
    }
}

extension Ledger {
    /// Verifies a tenant's log: that nothing was changed, dropped, moved or added.
    ///
    /// ```swift
    /// let verdict = try await ledger.verify(acme)
    /// guard !verdict.isBroken else { throw Tampered(verdict.findings) }
    /// ```
    ///
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - opensEvents: also open every event, and compare stream, version and subject's key.
    ///   - jobs: 1 to 64 ranges that are read and hashed at a time.
    /// - Returns: the checks and what they found; a broken log is a verdict, not an error.
    /// - Throws: `notFound` when the tenant has no row or no head, `unavailable` when a database
    ///   cannot be reached.
    /// - Complexity: one read of the log.
    public func verify(
        _ tenant: Tenant,
        opensEvents: Bool = false,
        jobs: Int = 2
    ) async throws(Problem) -> TenantVerdict {
        do {
            return try await withVerifier(jobs: jobs, opensEvents: opensEvents) {
                try await $0.verify(tenant)
            }
        } catch {
            throw Problem(error)
        }
    }

    /// Lends a verifier to `body`, for many tenants one after the other.
    ///
    /// - Parameters:
    ///   - jobs: 1 to 64 ranges that are read and hashed at a time, each over a connection of role
    ///     `tally_auditor`.
    ///   - opensEvents: also open every event, and compare stream, version and subject's key.
    ///   - body: what to do with the verifier; its connections end with it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public func withVerifier<Value>(
        jobs: Int = 2,
        opensEvents: Bool = false,
        _ body: (Verifier) async throws -> Value
    ) async throws -> Value {
        let jobs = min(max(jobs, 1), 64)
        let pool = auditors(jobs: jobs)
        defer { pool.close() }
        return try await body(Verifier(self, pool: pool, jobs: jobs, opensEvents: opensEvents))
    }
}
