// Tenants' wrapping keys (TWKs) on their way to the provider and back, many in one call where the
// KEKs are on a server.

internal import TallyCore
internal import TallyCrypto

extension Vault {
    /// The TWKs in wraps, in their order.
    ///
    /// - Throws: `erased` when one was destroyed; `epochDestroyed` when the key store is an older
    ///   copy.
    func unwrap(_ wraps: [KeyStore.TenantWrap]) async throws(VaultError) -> [SecretKey] {
        let stored = try wraps.map { wrap throws(VaultError) in try Self.decode(wrap) }
        var keys = [SecretKey?](repeating: nil, count: wraps.count)
        for epoch in Set(stored.map(\.epoch)).sorted() {
            let places = stored.indices.filter { stored[$0].epoch == epoch }
            let blobs = places.map { place in
                (blob: stored[place].blob, context: context(stored[place], wraps[place].tenant))
            }
            let found = try await unwrap(blobs, epoch)
            for (place, key) in zip(places, found) {
                guard key.id == stored[place].twkID else { throw Self.another }
                keys[place] = key
            }
        }
        return keys.compactMap { $0 }
    }

    /// What is wrapped under a destroyed epoch was wrapped again before that, but not in this copy.
    private func unwrap(
        _ blobs: [(blob: [UInt8], context: [UInt8])],
        _ epoch: UInt64
    ) async throws(VaultError) -> [SecretKey] {
        do throws(VaultError) {
            return try await provider.unwrap(blobs, epoch: epoch)
        } catch  where error.code == .epochDestroyed {
            throw VaultError(
                .epochDestroyed,
                "\(error.message), and the key store still names it: it is an older copy",
                hint: "\(.restoreKeys) brings it up to date from the key journal; see "
                    + "docs/operating/lost-key-store.md"
            )
        }
    }

    private static func decode(
        _ wrap: KeyStore.TenantWrap
    ) throws(VaultError) -> WrappedTWK {
        guard let bytes = wrap.wrapped else {
            throw VaultError(.erased, "the tenant's wrapping key was destroyed")
        }
        guard let stored = try? WrappedTWK(decoding: bytes) else {
            throw VaultError(.damagedKey, "a stored wrapping key is not in the format")
        }
        return stored
    }

    /// Wraps TWKs under an epoch's KEK; the result has their order.
    func wrap(
        _ keys: [(tenant: TenantID, key: SecretKey)],
        epoch: UInt64
    ) async throws(VaultError) -> [WrappedTWK] {
        let wanted = keys.map { tenant, key in
            (
                key: key,
                context: WrappedTWK.context(
                    ledger: ledger,
                    tenant: tenant,
                    epoch: epoch,
                    twkID: key.id
                )
            )
        }
        let blobs = try await provider.wrap(wanted, epoch: epoch)
        return zip(keys, blobs).map { WrappedTWK(epoch: epoch, twkID: $0.key.id, blob: $1) }
    }

    private func context(_ wrap: WrappedTWK, _ tenant: TenantID) -> [UInt8] {
        WrappedTWK.context(
            ledger: ledger,
            tenant: tenant,
            epoch: wrap.epoch,
            twkID: wrap.twkID
        )
    }

    private static let another = VaultError(
        .damagedKey,
        "a wrapping key is not the one its wrap names"
    )
}
