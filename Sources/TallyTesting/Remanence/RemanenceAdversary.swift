// Somebody who holds every file and every living KEK, and wants a key back that was destroyed.

package import TallyCore
package import TallyCrypto
package import TallyVault

/// A key whose fate is of interest.
package struct KeyTarget: Hashable, Sendable, CustomStringConvertible {
    /// Whose it is, for reports.
    package let owner: String
    /// The tenant that it belongs to.
    package let tenant: TenantID
    /// What its wrap is bound to.
    package let name: KeyName
    /// The key itself.
    package let id: KeyID

    /// Names a key and what its wrap is bound to.
    package init(owner: String, tenant: TenantID, name: KeyName, id: KeyID) {
        self.owner = owner
        self.tenant = tenant
        self.name = name
        self.id = id
    }

    package var description: String { "the key of \(owner)" }
}

/// What an adversary got hold of.
package struct RecoveredKeys: Sendable {
    /// The keys, by their ids.
    package fileprivate(set) var keys: [KeyID: SecretKey] = [:]
    /// The tenants' wrapping keys.
    package fileprivate(set) var wrappingKeys: [KeyID: SecretKey] = [:]
    /// How many different wrapped keys were found, whether they opened or not.
    package let foundCount: Int
    /// What was looked at.
    package let coverage: Coverage

    /// Those of the targets whose keys are among the recovered ones.
    package func reached(_ targets: Set<KeyTarget>) -> Set<KeyTarget> {
        targets.filter { keys[$0.id] != nil }
    }

    /// The content of a part, when its key is among those recovered.
    package func opens(_ part: SealedPart, associated: [UInt8]) -> [UInt8]? {
        guard let key = keys[part.keyID] else { return nil }
        return try? part.open(with: key, associated: associated)
    }
}

/// An attack on a ledger's keys: all copies of wrapped keys against all KEKs.
package struct RemanenceAdversary: Sendable {
    /// Opens the blob of a tenant's key: blob, epoch, context.
    private typealias KEK = ([UInt8], UInt64, [UInt8]) async -> SecretKey?

    private let ledger: LedgerID
    private let providers: [any KEKProvider]

    /// Begins with the KEKs that the providers still have.
    ///
    /// A KEK's file among the sources is another one, whether its provider still honours it or not.
    package init(ledger: LedgerID, providers: [any KEKProvider] = []) {
        self.ledger = ledger
        self.providers = providers
    }

    /// Opens what can be opened of the sources.
    ///
    /// - Parameters:
    ///   - sources: every file there is.
    ///   - targets: the tenants and key names that are tried; they are no secret to whoever has
    ///     the tables.
    /// - Returns: the keys that came out, none when nothing did.
    package func attack(
        _ sources: [RemanenceSource],
        for targets: Set<KeyTarget>
    ) async -> RecoveredKeys {
        let found = WrapFinder().find(in: sources)
        var recovered = RecoveredKeys(foundCount: found.keys.count, coverage: found.coverage)
        let keks = providers.map(Self.kek) + found.keySized.compactMap(Self.kek)
        let wraps = found.tenantKeys.compactMap { try? WrappedTWK(decoding: $0) }
        let epochs = Set(wraps.map(\.epoch))
        for wrap in wraps {
            for tenant in Set(targets.map(\.tenant)) {
                if let key = await unwrap(wrap, of: tenant, with: keks, epochs) {
                    recovered.wrappingKeys[key.id] = key
                }
            }
        }
        for wrap in found.keys.compactMap({ try? WrappedKey(decoding: $0) }) {
            guard let parent = recovered.wrappingKeys[wrap.parent] else { continue }
            for target in targets {
                if let key = try? wrap.unwrap(with: parent, place: place(of: target)) {
                    recovered.keys[key.id] = key
                }
            }
        }
        return recovered
    }

    private func unwrap(
        _ wrap: WrappedTWK,
        of tenant: TenantID,
        with keks: [KEK],
        _ epochs: Set<UInt64>
    ) async -> SecretKey? {
        let context = WrappedTWK.context(
            ledger: ledger,
            tenant: tenant,
            epoch: wrap.epoch,
            twkID: wrap.twkID
        )
        // Should a rotation ever wrap under the KEK of another epoch, that is found as well.
        for kek in keks {
            for epoch in epochs {
                if let key = await kek(wrap.blob, epoch, context), key.id == wrap.twkID {
                    return key
                }
            }
        }
        return nil
    }

    private static func kek(_ provider: any KEKProvider) -> KEK {
        { try? await provider.unwrap($0, epoch: $1, context: $2) }
    }

    /// A file's KEK, which opens blobs of nonce, ciphertext and tag.
    private static func kek(_ content: [UInt8]) -> KEK? {
        guard let key = key(content) else { return nil }
        return { blob, _, context in
            let nonce = blob.prefix(AESGCM.nonceByteCount)
            guard nonce.count == AESGCM.nonceByteCount,
                let opened = try? key.open(
                    blob.dropFirst(nonce.count),
                    nonce: nonce,
                    associated: context
                )
            else { return nil }
            return Self.key(opened)
        }
    }

    private static func key(_ content: [UInt8]) -> SecretKey? {
        var bytes = content
        return try? SecretKey(SecretBytes(consuming: &bytes))
    }

    private func place(of target: KeyTarget) -> KeyPlace {
        KeyPlace(
            ledger: ledger,
            tenant: target.tenant,
            kind: target.name.kind,
            subjectTag: target.name.subjectTag,
            retentionClass: target.name.retentionClass
        )
    }
}
