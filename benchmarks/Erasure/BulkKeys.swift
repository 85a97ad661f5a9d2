// Keys of many tenants, put into the key store at once: what a rotation has to go through.

internal import Foundation
internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyVault
internal import Tallystick

/// Fills a key store.
struct BulkKeys {
    private let configuration: LedgerConfiguration
    private let ledger: LedgerID
    private let provider: any KEKProvider
    private let epoch: UInt64

    /// Makes keys of the epoch that is the current one now.
    init(_ ledger: Ledger) async throws {
        configuration = ledger.configuration
        self.ledger = ledger.row.id
        provider = try configuration.provider(configuration, ledger.row.id)
        epoch = try await ledger.vault.currentEpoch() ?? 1
    }

    /// Adds tenants with a data and an index key each.
    func add(tenants count: Int) async throws {
        for first in stride(from: 0, to: count, by: 10_000) {
            var batch: [(wrap: Wrap, keys: [Key])] = []
            for _ in first..<min(first + 10_000, count) {
                batch.append(try await tenant([KeyName.data, .index]))
            }
            try await store(batch)
        }
    }

    /// Adds a tenant with so many subject keys, one of whose keys was destroyed.
    func addDirty(keys count: Int) async throws {
        let names = (0..<count).map { _ in KeyName(.subject, subjectTag: .random()) }
        let made = try await tenant(names + [.data, .index])
        try await store([made])
        let (tenant, epoch) = (made.wrap.tenant, epoch)
        try await pool { connection in
            _ = try connection.query(
                "UPDATE tally_keys.tenant_wrap SET dirty_since = $2 WHERE tenant_id = $1",
                [.uuid(tenant.bytes), .bigint(Int64(epoch))]
            )
        }
    }

    private struct Wrap: Sendable {
        let tenant: TenantID
        let twk: WrappedTWK
    }

    private struct Key: Sendable {
        let tenant: TenantID
        let name: KeyName
        let wrapped: WrappedKey
    }

    private func tenant(_ names: [KeyName]) async throws -> (wrap: Wrap, keys: [Key]) {
        let tenant = TenantID.random()
        let twk = try SecretKey.random()
        let context = WrappedTWK.context(
            ledger: ledger,
            tenant: tenant,
            epoch: epoch,
            twkID: twk.id
        )
        let blob = try await provider.wrap(twk, epoch: epoch, context: context)
        let keys = try names.map { name in
            let place = KeyPlace(
                ledger: ledger,
                tenant: tenant,
                kind: name.kind,
                subjectTag: name.subjectTag,
                retentionClass: name.retentionClass
            )
            let wrapped = try WrappedKey(wrapping: SecretKey.random(), under: twk, place: place)
            return Key(tenant: tenant, name: name, wrapped: wrapped)
        }
        return (
            Wrap(tenant: tenant, twk: WrappedTWK(epoch: epoch, twkID: twk.id, blob: blob)), keys
        )
    }

    private func store(_ batch: [(wrap: Wrap, keys: [Key])]) async throws {
        try await pool { connection in
            try connection.transaction {
                try connection.copyIn(
                    "tally_keys.tenant_wrap (tenant_id, epoch, twk_id, wrapped)"
                ) { writer in
                    for (wrap, _) in batch {
                        writer.row(fields: 4)
                        writer.field(wrap.tenant.bytes)
                        writer.field(Int64(wrap.twk.epoch))
                        writer.field(wrap.twk.twkID.bytes)
                        writer.field(wrap.twk.encoded())
                    }
                }
                try connection.copyIn(
                    "tally_keys.key_record (key_id, tenant_id, kind, subject_tag, "
                        + "retention_class, generation, parent_key_id, state, wrapped, created_at)"
                ) { writer in
                    for key in batch.flatMap(\.keys) { Self.write(key, &writer) }
                }
            }
        }
    }

    private static func write(_ key: Key, _ writer: inout CopyWriter) {
        writer.row(fields: 10)
        writer.field(key.wrapped.keyID.bytes)
        writer.field(key.tenant.bytes)
        writer.field(Int16(key.name.kind.rawValue))
        writer.field(key.name.subjectTag.bytes)
        writer.field(Array(key.name.retentionClass.utf8))
        writer.field(Int32(0))
        writer.field(key.wrapped.parent.bytes)
        writer.field(Array("active".utf8))
        writer.field(key.wrapped.encoded())
        writer.field(Int64(Micros.now()))
    }

    private func pool(_ body: @escaping @Sendable (Connection) throws -> Void) async throws {
        let pool = configuration.keysPool()
        defer { pool.close() }
        try await pool.withConnection { try body($0) }
    }
}
