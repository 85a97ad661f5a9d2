// Key store and journals, compared both ways: a key that only the journal has dies with its epoch,
// and one that only the key store has dies with that.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// What key store and journals do not have in common.
package struct KeyDifferences: Sendable, Equatable {
    /// How many keys the key store has alive; 0 where that was not asked.
    package var keys = 0
    /// How many of these no journal has whose KEK opens it.
    package var unjournalled = 0
    /// Keys and tenants of journals that the key store has neither alive nor destroyed: how many,
    /// by the newest epoch that has them.
    package var unstored: [UInt64: Int] = [:]
}

/// Compares journals with the key store.
package struct JournalComparison: Sendable {
    private let vault: Vault
    private let takesNamesakes: Bool

    /// Compares the journals of `vault` with its key store.
    ///
    /// - Parameters:
    ///   - vault: the ledger's keys.
    ///   - takesNamesakes: whether keys are stored of which the key store has another one of the
    ///     same name: what a process left that died while it made one must not stop rotations.
    package init(vault: Vault, takesNamesakes: Bool = false) {
        self.vault = vault
        self.takesNamesakes = takesNamesakes
    }

    /// What the key store lacks, and with `looksBack` also what the journals lack.
    ///
    /// - Parameters:
    ///   - looks: epochs as ``EpochSurvey`` found them; those without a journal have nothing.
    ///   - looksBack: whether the key store's keys are looked for in the journals, too.
    /// - Returns: the differences.
    /// - Throws: `journal` for a journal that cannot be read.
    /// - Complexity: O(size of the journals); 8 bytes of memory for each key.
    package func run(
        _ looks: [EpochLook],
        looksBack: Bool = false
    ) async throws(VaultError) -> KeyDifferences {
        // Keys are journalled before they are stored: what is read first is in what is read then.
        var missing = looksBack ? try await liveIDs() : []
        var differences = KeyDifferences(keys: missing.count)
        var seen: Set<UInt64> = []
        for look in looks.reversed() where look.hasJournal {
            guard let reader = try vault.journal.reader(epoch: look.number) else { continue }
            while let records = try reader.next() {
                let names = records.compactMap(Name.init)
                if look.isUsable { for name in names { missing.remove(name.short) } }
                let fresh = names.filter { seen.insert($0.short).inserted }
                let count = try await countUnstored(fresh)
                if count > 0 { differences.unstored[look.number, default: 0] += count }
            }
        }
        differences.unjournalled = missing.count
        return differences
    }

    /// What a record is about: a key by its id, or a tenant that has a wrapping key.
    private struct Name {
        let record: JournalRecord
        let tenant: TenantID
        let key: KeyID?
        /// Eight bytes that no two of them share.
        let short: UInt64

        init?(_ record: JournalRecord) {
            self.record = record
            tenant = record.tenant
            switch record.content {
            case .key:
                guard let wrapped = try? WrappedKey(decoding: record.wrapped) else { return nil }
                key = wrapped.keyID
                short = JournalComparison.short(wrapped.keyID.bytes)
            case .twk:
                key = nil
                short = JournalComparison.short(record.tenant.bytes)
            }
        }
    }

    private static func short(_ bytes: [UInt8]) -> UInt64 {
        bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func countUnstored(_ names: [Name]) async throws(VaultError) -> Int {
        guard !names.isEmpty else { return 0 }
        guard try await vault.store.run({ try Self.unknown($0, names) }) > 0 else { return 0 }
        // Somebody may be making them just now.
        let (ledger, takesNamesakes) = (vault.ledger, takesNamesakes)
        return try await vault.store.run { connection in
            try connection.transaction {
                _ = try connection.query(
                    "SELECT tally_keys.hold_creation($1, $2)",
                    [
                        .uuid(ledger.bytes),
                        Parameter(KeyStore.column(Array(Set(names.map(\.tenant))))),
                    ]
                )
                if takesNamesakes { try Self.take(connection, names) }
                return try Self.unknown(connection, names)
            }
        }
    }

    private static func take(_ connection: Connection, _ names: [Name]) throws {
        var columns = KeyColumns()
        for name in names where name.key != nil { try columns.append(name.record) }
        guard !columns.isEmpty else { return }
        _ = try connection.query(
            "SELECT tally_keys.take_namesakes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            columns.parameters + [.bigint(Int64(clamping: VaultLimits.sealBound))]
        )
    }

    private static func unknown(_ connection: Connection, _ names: [Name]) throws -> Int {
        var ids = ArrayColumn(.bytea)
        for name in names { if let key = name.key { ids.append(key.bytes) } }
        let tenants = KeyStore.column(names.filter { $0.key == nil }.map(\.tenant))
        return try connection.query(
            """
            SELECT (SELECT count(*) FROM tally_keys.unknown_keys($1))
                + (SELECT count(*) FROM tally_keys.unknown_tenants($2))
            """,
            [Parameter(ids), Parameter(tenants)]
        ).natural(0, 0)
    }

    private func liveIDs() async throws(VaultError) -> Set<UInt64> {
        var found: Set<UInt64> = []
        var last: [UInt8] = []
        while true {
            let after = last
            let page = try await vault.store.run { connection in
                let rows = try connection.query(
                    "SELECT tally_keys.live_ids($1, $2)",
                    [.bytea(after), .integer(Int32(clamping: VaultLimits.idPage))]
                )
                return try (0..<rows.count).map { try rows.bytes($0, 0) }
            }
            guard let end = page.last else { return found }
            found.formUnion(page.map(Self.short))
            last = end
        }
    }
}
