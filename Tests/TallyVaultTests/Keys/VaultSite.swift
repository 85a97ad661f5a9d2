// One tenant's keys: vaults as several processes would open them, and the key store behind them
// as its administrator sees it.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick

@testable import TallyVault

/// The keys of one tenant of the running test's ledger.
struct VaultSite: Sendable {
    let tenant: TenantID
    private let ledger: LedgerID
    private let configuration: LedgerConfiguration

    /// Creates the tenant.
    init(_ name: String) async throws {
        let test = try TestLedger.current
        configuration = test.configuration
        (tenant, ledger) = try await test.open { ledger in
            (try await ledger.createTenant(named: name).id, ledger.vault.ledger)
        }
    }

    /// A vault that has nothing cached, as in a new process.
    func vault() throws -> Vault {
        Vault(
            ledger: ledger,
            store: KeyStore(
                pool: ConnectionPool(ConnectionConfiguration(uri: configuration.keys), size: 4)
            ),
            provider: try FileKEKProvider(directory: configuration.kekDirectory, ledger: ledger),
            journal: try KeyJournal(directory: configuration.keyJournal, ledger: ledger)
        )
    }

    /// The wraps that the journal has.
    func journalled() throws -> Set<[UInt8]> {
        let journal = try KeyJournal(directory: configuration.keyJournal, ledger: ledger)
        return Set(try journal.records(epoch: 1).map(\.wrapped))
    }

    private func administrator() throws -> Connection {
        try Connection(ConnectionConfiguration(uri: configuration.keys))
    }

    func run(_ script: String) throws { try administrator().execute(script) }

    /// The number that a query gives for the tenant's rows.
    func number(_ select: String, _ condition: String) throws -> Int {
        let isTenants = select.contains("key_record")
        let scope = isTenants ? "AND tenant_id = '\(tenant.hex)'" : ""
        let rows = try administrator().query("\(select) WHERE \(condition) \(scope)")
        return Int(try rows.integer(0, 0))
    }

    /// The tenant's keys that fulfil a condition, destroyed ones with an empty wrap.
    func records(
        _ condition: String
    ) throws -> [(name: KeyName, id: KeyID, generation: Int, wrapped: [UInt8])] {
        let rows = try administrator().query(
            """
            SELECT kind, subject_tag, retention_class, key_id, generation, wrapped
            FROM tally_keys.key_record WHERE tenant_id = $1 AND \(condition)
            ORDER BY kind, subject_tag, retention_class, generation
            """,
            [.uuid(tenant.bytes)]
        )
        return try (0..<rows.count).map { row in
            let kind = KeyKind(rawValue: UInt8(try rows.integer(row, 0))) ?? .export
            let tag = BlindTag(try rows.bytes(row, 1)) ?? .zero
            return (
                KeyName(kind, subjectTag: tag, retentionClass: try rows.text(row, 2)),
                Digest(try rows.bytes(row, 3)) ?? .zero, Int(try rows.integer(row, 4)),
                rows.optionalBytes(row, 5) ?? []
            )
        }
    }
}
