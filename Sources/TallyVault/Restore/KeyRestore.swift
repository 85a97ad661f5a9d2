// Brings a lost or older key store back from the journals of living epochs. The ledger's fences
// come first: whoever was erased stays erased.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// Restores a key store.
package struct KeyRestore: Sendable {
    private let vault: Vault

    /// Restores into the key store of `vault`, from its journals.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// Adds to the key store what the journals of usable epochs have, suspends what the ledger has
    /// fenced, and destroys again what its log says is destroyed.
    ///
    /// What is there already and opens stays, what the key store has destroyed stays destroyed, and
    /// no KEK and no journal is touched; it may be run again.
    /// - Parameter fences: every fence of the ledger, by tenant.
    /// - Returns: what was brought back, and in words what was not.
    /// - Throws: `journal` when no journal of a usable epoch can be read.
    /// - Complexity: O(size of the journals); the memory for 16 bytes of each key and all tenants'
    ///   wraps.
    package func run(_ fences: [TenantFences]) async throws(VaultError) -> KeyRestoreReport {
        let looks = try await EpochSurvey(vault: vault).run()
        let readable = looks.filter { $0.hasJournal && $0.isUsable }.map(\.number)
        guard !readable.isEmpty else { throw Self.nothing(looks) }
        let index = try index(readable)
        let usable = Set(looks.filter(\.isUsable).map(\.number))
        let choice = try await WrapChoice(vault: vault, usable: usable, index: index).run()
        try await storeEpochs(looks)
        try await storeBlocks(fences)
        try await store(choice, index)
        var report = KeyRestoreReport()
        report.epochs = readable
        report.tenants = choice.wraps.count
        report.keys = try await RestoredKeys(vault: vault, index: index, wraps: choice.wraps)
            .store(readable)
        for tenant in fences { report.keys -= try await destroy(tenant) }
        for tenant in fences { vault.forget(tenant.tenant) }
        try await RestoreLosses(vault: vault).tell(looks, choice.lost.count, &report)
        return report
    }

    private func index(_ epochs: [UInt64]) throws(VaultError) -> JournalIndex {
        var index = JournalIndex()
        for epoch in epochs {
            guard let reader = try vault.journal.reader(epoch: epoch) else { continue }
            while let records = try reader.next() { index.add(records) }
        }
        return index
    }

    /// Records epochs that have a journal and that the key store does not know, or has destroyed
    /// though their KEK is there: a rotation ends them.
    ///
    /// The active one is the newest that is usable; one to which a rotation goes over stays as it
    /// is.
    private func storeEpochs(_ looks: [EpochLook]) async throws(VaultError) {
        var added = ArrayColumn(.bigint)
        for look in looks where look.hasJournal && look.kek != .destroyed {
            guard look.recorded == nil || look.recorded == .destroyed && look.isUsable else {
                continue
            }
            added.append(Int64(clamping: look.number))
        }
        let usable = looks.filter(\.isUsable)
        let settled = usable.last { $0.recorded != .preActive && $0.recorded != .destroyed }
        guard let active = (settled ?? usable.last)?.number else { return }
        let (ledger, provider, epochs) = (vault.ledger, vault.provider.name, added)
        try await vault.store.run { connection in
            _ = try connection.query(
                "SELECT tally_keys.restore_epochs($1, $2, $3, $4, $5)",
                [
                    .uuid(ledger.bytes), Parameter(epochs), .text(provider),
                    .bigint(Int64(clamping: active)), .bigint(Int64(clamping: Micros.now())),
                ]
            )
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
        _ choice: WrapChoice.Result,
        _ index: JournalIndex
    ) async throws(VaultError) {
        var columns = WrapColumns()
        for tenant in choice.taken {
            if let wrap = choice.wraps[tenant] { columns.append(tenant, wrap) }
        }
        for (tenant, wrap) in choice.wraps {
            // It had another TWK since, because a key that this one can open was destroyed.
            guard let newest = index.newest[tenant], newest.twkID != wrap.twkID else { continue }
            columns.mark(tenant)
        }
        let parameters = [.uuid(vault.ledger.bytes)] + columns.parameters
        try await vault.store.run { connection in
            _ = try connection.query(
                "SELECT tally_keys.restore_wraps($1, $2, $3, $4, $5, $6)",
                parameters
            )
        }
    }

    /// Does to a tenant's keys what the ledger's log says; gives how many do not live because of
    /// it.
    private func destroy(_ fences: TenantFences) async throws(VaultError) -> Int {
        var (fenced, destroyed) = (ArrayColumn(.bytea), ArrayColumn(.bytea))
        for key in fences.fenced { fenced.append(key.bytes) }
        for key in fences.destroyed { destroyed.append(key.bytes) }
        var (tags, classes) = (ArrayColumn(.bytea), ArrayColumn(.text))
        for fence in fences.fences where fence.isDestroyed && fence.readmittedAt == nil {
            tags.append(fence.subjectTag.bytes)
            classes.append(Array(fence.retentionClass.utf8))
        }
        let parameters: [Parameter] = [
            .uuid(vault.ledger.bytes), .uuid(fences.tenant.bytes), Parameter(fenced),
            .bool(fences.isAllFenced), Parameter(destroyed), .bool(fences.isAllDestroyed),
            Parameter(tags), Parameter(classes), .bigint(Int64(clamping: Micros.now())),
        ]
        return try await vault.store.run { connection in
            try connection.query(
                "SELECT tally_keys.restore_destruction($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                parameters
            ).natural(0, 0, as: Int.self)
        }
    }

    private static func nothing(_ looks: [EpochLook]) -> VaultError {
        let seen = looks.filter { $0.recorded != .destroyed || $0.hasJournal }.map { look in
            "epoch \(look.number): \(look.obstacle ?? "no journal")"
        }
        let what = "no journal of an epoch whose KEK lives was found"
        return VaultError(
            .journal,
            ([what] + seen.suffix(8)).joined(separator: "; "),
            hint: "check \(.keks), and \(.keyJournal): they must be this ledger's; see "
                + "docs/operating/lost-key-store.md"
        )
    }
}
