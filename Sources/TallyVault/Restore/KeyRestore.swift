// Brings a lost or older key store back from the journals of living epochs. The ledger's fences come
// first: whoever was erased stays erased.

package import TallyCore
package import TallyCrypto
internal import TallyPostgres

/// What the ledger says of a tenant's erased keys.
package struct TenantFences: Sendable {
    /// A subject, or the whole tenant for the tag of zeros.
    package struct Fence: Sendable {
        package let subjectTag: BlindTag
        package let retentionClass: String
        /// µs since 1970.
        package let fencedAt: UInt64
        /// µs since 1970; `nil` while the subject may have no key.
        package let readmittedAt: UInt64?

        /// Names a fence.
        package init(
            subjectTag: BlindTag,
            retentionClass: String,
            fencedAt: UInt64,
            readmittedAt: UInt64?
        ) {
            self.subjectTag = subjectTag
            self.retentionClass = retentionClass
            self.fencedAt = fencedAt
            self.readmittedAt = readmittedAt
        }
    }

    package let tenant: TenantID
    package let fences: [Fence]
    /// Keys that were destroyed.
    package let keys: [KeyID]

    /// Names a tenant's fences.
    package init(tenant: TenantID, fences: [Fence], keys: [KeyID]) {
        self.tenant = tenant
        self.fences = fences
        self.keys = keys
    }

    var isWhole: Bool { fences.contains { $0.subjectTag == .zero } }
}

/// What a restore brought back.
package struct KeyRestoreReport: Sendable, Equatable {
    /// Epochs whose journals were read.
    package var epochs: [UInt64] = []
    /// Tenants with a wrapping key.
    package var tenants = 0
    /// Keys, those of erased subjects not counted.
    package var keys = 0
}

/// Restores a key store.
package struct KeyRestore: Sendable {
    private let vault: Vault

    /// Restores into the key store of `vault`, from its journals.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// Adds to the key store what the journals of living epochs have, and destroys again what the
    /// ledger has fenced.
    ///
    /// What is there already stays; it may be run again.
    /// - Parameter fences: every fence of the ledger, by tenant.
    /// - Returns: what was brought back.
    /// - Throws: `journal` when no journal of a living epoch can be read.
    /// - Complexity: O(keys) in time and memory.
    package func run(_ fences: [TenantFences]) async throws(VaultError) -> KeyRestoreReport {
        let (epochs, content) = try await JournalContent.read(vault)
        guard let newest = epochs.last else {
            throw VaultError(.journal, "no journal of an epoch whose KEK lives was found")
        }
        try await storeEpochs(epochs, newest)
        try await storeBlocks(fences)
        var report = KeyRestoreReport()
        report.epochs = epochs
        report.tenants = content.wraps.count
        for tenant in content.wraps.keys.sorted() {
            report.keys += try await store(tenant, content)
        }
        for tenant in fences { report.keys -= try await destroy(tenant) }
        for tenant in fences { vault.forget(tenant.tenant) }
        return report
    }

    private func storeEpochs(
        _ epochs: [UInt64],
        _ newest: UInt64
    ) async throws(VaultError) {
        let (ledger, provider) = (vault.ledger, vault.provider.name)
        var lost = ArrayColumn(.bigint)
        for epoch in try await vault.epochs().map(\.number) where !epochs.contains(epoch) {
            guard try await vault.provider.state(epoch: epoch) != .active else { continue }
            lost.append(Int64(clamping: epoch))
        }
        let gone = lost
        try await vault.store.run { connection in
            try connection.transaction {
                for epoch in epochs {
                    _ = try connection.query(
                        "SELECT tally_keys.restore_epoch($1, $2, $3, $4, $5)",
                        [
                            .uuid(ledger.bytes), .bigint(Int64(clamping: epoch)), .text(provider),
                            .bool(epoch == newest), .bigint(Int64(clamping: Micros.now())),
                        ]
                    )
                }
                _ = try connection.query(
                    "SELECT tally_keys.deactivate_lost($1, $2, $3)",
                    [.uuid(ledger.bytes), Parameter(gone), .bigint(Int64(clamping: Micros.now()))]
                )
            }
        }
    }

    private func storeBlocks(_ tenants: [TenantFences]) async throws(VaultError) {
        try await vault.store.run { connection in
            try connection.transaction {
                for tenant in tenants {
                    var columns = BlockColumns()
                    for fence in tenant.fences { columns.append(tenant.tenant, fence) }
                    _ = try connection.query(
                        "SELECT tally_keys.restore_blocks($1, $2, $3, $4, $5)",
                        columns.parameters
                    )
                }
            }
        }
    }

    private func store(
        _ tenant: TenantID,
        _ content: JournalContent
    ) async throws(VaultError) -> Int {
        guard let wrap = content.wraps[tenant] else { return 0 }
        var keys: [JournalRecord] = []
        for (parent, found) in content.keys(of: tenant) {
            keys +=
                parent.twkID == wrap.twkID
                ? found : try await rewrap(found, of: tenant, from: parent, to: wrap)
        }
        let restored = keys
        return try await vault.store.run { connection in
            try connection.transaction {
                try Self.store(wrap, tenant, connection)
                return try Self.store(restored, tenant, connection)
            }
        }
    }

    /// Wraps keys that are under a former TWK under the newest one.
    private func rewrap(
        _ records: [JournalRecord],
        of tenant: TenantID,
        from former: WrappedTWK,
        to newest: WrappedTWK
    ) async throws(VaultError) -> [JournalRecord] {
        let parents = try await vault.unwrap([former.stored(of: tenant), newest.stored(of: tenant)])
        return try records.map { record throws(VaultError) in
            let wrapped = try Vault.decode(record.wrapped)
            let name = KeyName(
                wrapped.kind,
                subjectTag: record.subjectTag,
                retentionClass: record.retentionClass
            )
            let place = name.place(ledger: vault.ledger, tenant: tenant)
            let key = try Vault.open(wrapped, under: parents[0], place)
            var renewed = record
            renewed.wrapped = try Vault.wrap(key, under: parents[1], place).encoded()
            return renewed
        }
    }

    private static func store(
        _ wrap: WrappedTWK,
        _ tenant: TenantID,
        _ connection: Connection
    ) throws {
        var ids = ArrayColumn(.bytea)
        ids.append(wrap.twkID.bytes)
        var wrapped = ArrayColumn(.bytea)
        wrapped.append(wrap.encoded())
        var epochs = ArrayColumn(.bigint)
        epochs.append(Int64(clamping: wrap.epoch))
        _ = try connection.query(
            "SELECT tally_keys.restore_wraps($1, $2, $3, $4)",
            [
                Parameter(KeyStore.column([tenant])), Parameter(epochs), Parameter(ids),
                Parameter(wrapped),
            ]
        )
    }

    private static func store(
        _ keys: [JournalRecord],
        _ tenant: TenantID,
        _ connection: Connection
    ) throws -> Int {
        guard !keys.isEmpty else { return 0 }
        var columns = KeyColumns()
        for key in keys { try columns.append(key) }
        return Int(
            try connection.query(
                "SELECT tally_keys.restore_keys($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                [.uuid(tenant.bytes)] + columns.parameters
                    + [.bigint(Int64(clamping: VaultLimits.sealBound))]
            ).integer(0, 0)
        )
    }

    /// Destroys a tenant's fenced keys again; gives how many the journals had brought back.
    private func destroy(_ fences: TenantFences) async throws(VaultError) -> Int {
        let ledger = vault.ledger
        return try await vault.store.run { connection in
            var ids = ArrayColumn(.bytea)
            for key in fences.keys { ids.append(key.bytes) }
            let living = try KeyStore.liveKeys(connection, [fences.tenant])
            let fenced = Set(fences.keys)
            _ = try connection.query(
                "SELECT tally_keys.restore_destruction($1, $2, $3, $4, $5)",
                [
                    .uuid(ledger.bytes), .uuid(fences.tenant.bytes), Parameter(ids),
                    .bool(fences.isWhole), .bigint(Int64(clamping: Micros.now())),
                ]
            )
            return living.count { fences.isWhole || fenced.contains($0.record.id) }
        }
    }
}
