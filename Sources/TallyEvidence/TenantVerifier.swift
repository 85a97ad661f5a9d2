// Verifies a tenant from the database: what the tables claim, then the log in one ordered pass,
// then what only the whole log can show.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Verifies tenants over connections of role tally_auditor.
package struct TenantVerifier: Sendable {
    private let reader: Session
    private let jobs: Int
    private let vault: Vault?

    /// Verifies over a pool.
    ///
    /// - Parameters:
    ///   - pool: at least `jobs` connections of role tally_auditor.
    ///   - jobs: how many ranges are read and hashed at a time.
    ///   - vault: keys for the checks of `--open`, or `nil` to leave them out.
    package init(pool: ConnectionPool, jobs: Int, vault: Vault?) {
        reader = Session(pool: pool)
        self.jobs = jobs
        self.vault = vault
    }

    /// Verifies everything below the tenant's head as it is now.
    ///
    /// - Parameters:
    ///   - tenant: whose log it is.
    ///   - progress: told the number of events done, now and then.
    /// - Returns: the checks and what they found.
    /// - Throws: `notFound` when the tenant has no row or no head; ``LedgerVerifier`` names it.
    /// - Complexity: one read of the log; memory for a few ranges, with `--open` also for the
    ///   number of streams.
    package func verify(
        _ tenant: TenantID,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws(Problem) -> TenantVerdict {
        // Before the log, which then explains whatever has happened.
        let withdrawn = try await withdrawn(tenant)
        guard let claims = try await TenantClaims.read(tenant, reader) else {
            throw Self.vanished
        }
        let end = min(claims.facts.size, claims.end)
        var log = LogVerifier(claims.facts)
        var decisions = DecisionCheck()
        var columns = try await columnCheck(tenant)
        try await ranges(claims, vault).read(below: end) { page in
            for record in page.records {
                log.add(record)
                decisions.pass(record)
            }
            for event in page.opened { columns.add(event) }
            progress((page.records.last?.position ?? end - 1) + 1)
        }
        let suspects = log.suspects
        let repeated = try await duplicates(claims, end, suspects)
        let fold = try await decisions.fold(claims.facts, reader)
        let registers = RegisterCheck.run(claims.registers, against: fold)
        var assembly = VerdictAssembly(facts: claims.facts, report: log.finish())
        assembly.note(claims)
        assembly.note(duplicates: repeated)
        assembly.note(decisions)
        assembly.note(registers)
        assembly.note(try await keyCheck(withdrawn, fold, claims.registers))
        assembly.note(columns)
        return assembly.verdict
    }

    private static let vanished = Problem(
        .notFound,
        "the tenant has no row or no head",
        hint: "run \(.verify) without a tenant: it names vanished tenants"
    )

    private func withdrawn(_ tenant: TenantID) async throws(Problem) -> WithdrawnKeys? {
        guard let vault else { return nil }
        do throws(VaultError) {
            return try await vault.withdrawn(tenant)
        } catch {
            throw Problem(error)
        }
    }

    private func keyCheck(
        _ withdrawn: WithdrawnKeys?,
        _ fold: DecisionFold,
        _ rows: RegisterRows
    ) async throws(Problem) -> KeyCheck? {
        guard let vault, let withdrawn else { return nil }
        var check = KeyCheck(withdrawn, fold, rows)
        check.run()
        do throws(VaultError) {
            let missing = check.missing
            if !missing.isEmpty {
                check.note(living: try await vault.countLiving(fold.tenant, among: missing))
            }
            let fresh = check.lacksBlocks ? try await vault.withdrawn(fold.tenant) : withdrawn
            check.compare(fresh.blocks)
            if fold.isOwnLog { check.compare(try await vault.epochs()) }
            return check
        } catch {
            throw Problem(error)
        }
    }

    private func columnCheck(_ tenant: TenantID) async throws(Problem) -> ColumnCheck {
        guard let vault else { return ColumnCheck(.notAsked) }
        do throws(VaultError) {
            return ColumnCheck(.index(try await vault.indexKey(tenant)))
        } catch  where error.code == .noKeys {
            return ColumnCheck(.lost)
        } catch  where error.code == .erased {
            return ColumnCheck(.erased)
        } catch {
            throw Problem(error)
        }
    }

    private func ranges(_ claims: TenantClaims, _ vault: Vault?) -> LogRanges {
        LogRanges(
            claims.facts.tenant,
            slot: claims.slot,
            reader: reader,
            jobs: jobs,
            vault: vault
        )
    }

    /// Looks again at ids that may occur twice; gives a position for each that does.
    ///
    /// Of two events that share an id the one that is not where its leaf says is the copy, else
    /// the later one.
    private func duplicates(
        _ claims: TenantClaims,
        _ end: Int,
        _ suspects: Set<EventID>
    ) async throws(Problem) -> [Int] {
        guard !suspects.isEmpty else { return [] }
        var seen: [EventID: (position: Int, isInPlace: Bool)] = [:]
        var repeated: [Int] = []
        try await ranges(claims, nil).read(below: end) { page in
            for record in page.records {
                guard let id = record.leaf?.eventID, suspects.contains(id) else { continue }
                guard let first = seen[id] else {
                    seen[id] = (record.position, record.isInPlace)
                    continue
                }
                guard first.position != record.position else { continue }
                if record.isInPlace, !first.isInPlace {
                    repeated.append(first.position)
                    seen[id] = (record.position, true)
                } else {
                    repeated.append(record.position)
                }
            }
        }
        return repeated
    }
}
