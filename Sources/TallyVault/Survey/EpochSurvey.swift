// Key epochs as all three have them: the key store, the journals and the provider. They are looked
// at before anything is destroyed, and by the doctor.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// One epoch, as it was found.
package struct EpochLook: Sendable, Equatable {
    package let number: UInt64
    /// What the key store says of it; `nil` when it knows nothing.
    package let recorded: KeyEpochState?
    /// What the provider says of its KEK.
    package let kek: KEKState
    /// Whether a KEK is there that the provider has marked as destroyed.
    package let isMarkedOnly: Bool
    /// Whether it has a journal.
    package let hasJournal: Bool
    /// Whether the key store has wraps of it.
    package let isNeeded: Bool
    /// Whether its KEK opens what is wrapped under it; `nil` when there is nothing or no KEK.
    package let opens: Bool?

    /// Whether what is wrapped under it can be opened.
    package var isUsable: Bool { kek == .active && opens != false }
    /// Whether it is over for the key store, and its KEK is there nevertheless.
    package var isBack: Bool {
        isMarkedOnly || recorded == .destroyed && kek == .active
    }
}

/// Looks at all epochs that are not over, and at some that are.
package struct EpochSurvey: Sendable {
    private let vault: Vault
    private let ended: Int

    /// Looks at the epochs of `vault`'s ledger.
    ///
    /// - Parameters:
    ///   - vault: the ledger's keys.
    ///   - ended: at how many destroyed epochs without a journal, the newest ones; each is a
    ///     request to the provider.
    package init(vault: Vault, ended: Int = 0) {
        self.vault = vault
        self.ended = ended
    }

    /// What is there, oldest first; the next epoch is among it if its KEK is there already.
    ///
    /// - Throws: `unavailable` or `provider` when the provider does not answer, `journal` when the
    ///   journals' directory cannot be read.
    package func run() async throws(VaultError) -> [EpochLook] {
        let recorded = try await vault.epochs()
        let states = Dictionary(recorded.map { ($0.number, $0.state) }) { $1 }
        let journals = Set(try vault.journal.epochs())
        let wraps = try await samples()
        let over = recorded.filter { $0.state == .destroyed }.map(\.number)
        var numbers = Set(states.keys).subtracting(over).union(journals).union(wraps.keys)
        numbers.formUnion(over.suffix(ended))
        let next = (numbers.union(over).max() ?? 0) + 1
        var looks: [EpochLook] = []
        for number in numbers.sorted() + [next] {
            let look = try await look(
                number,
                states[number],
                journals.contains(number),
                wraps[number] ?? []
            )
            if number != next || look.kek == .active { looks.append(look) }
        }
        return looks
    }

    private func look(
        _ number: UInt64,
        _ recorded: KeyEpochState?,
        _ hasJournal: Bool,
        _ wraps: [KeyStore.TenantWrap]
    ) async throws(VaultError) -> EpochLook {
        let kek = try await vault.provider.state(epoch: number)
        let isMarkedOnly =
            kek == .destroyed ? try await vault.provider.holds(epoch: number) : false
        return EpochLook(
            number: number,
            recorded: recorded,
            kek: kek,
            isMarkedOnly: isMarkedOnly,
            hasJournal: hasJournal,
            isNeeded: !wraps.isEmpty,
            opens: kek == .active ? try await opens(wraps, number, hasJournal) : nil
        )
    }

    /// Tries a KEK on wraps of the key store; where it has none, on those of the journal.
    private func opens(
        _ wraps: [KeyStore.TenantWrap],
        _ number: UInt64,
        _ hasJournal: Bool
    ) async throws(VaultError) -> Bool? {
        var samples = wraps
        if samples.isEmpty, hasJournal { samples = try journalled(number) }
        for wrap in samples {
            do throws(VaultError) {
                _ = try await vault.unwrap([wrap])
                return true
            } catch  where [.wrongKEK, .damagedKey, .epochDestroyed].contains(error.code) {
                continue
            }
        }
        return samples.isEmpty ? nil : false
    }

    /// The first wraps of a journal.
    private func journalled(_ number: UInt64) throws(VaultError) -> [KeyStore.TenantWrap] {
        let records = try vault.journal.reader(epoch: number)?.next() ?? []
        let wraps = records.lazy.filter { $0.content == .twk }.compactMap { record in
            (try? WrappedTWK(decoding: record.wrapped))?.stored(of: record.tenant)
        }
        return Array(wraps.filter { $0.epoch == number }.prefix(VaultLimits.sampleWraps))
    }

    private func samples() async throws(VaultError) -> [UInt64: [KeyStore.TenantWrap]] {
        let wraps = try await vault.store.run { connection in
            try KeyStore.wraps(
                connection.query(
                    "SELECT \(KeyStore.wrapColumns) FROM tally_keys.sample_wraps($1)",
                    [.integer(Int32(clamping: VaultLimits.sampleWraps))]
                )
            )
        }
        return Dictionary(grouping: wraps, by: \.epoch)
    }
}
