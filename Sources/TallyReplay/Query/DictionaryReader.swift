// A tenant's types and collections, opened, for wildcards.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Reads the dictionary of the trail.
struct DictionaryReader: Sendable {
    private let reader: Session
    private let vault: Vault

    init(reader: Session, vault: Vault) {
        self.reader = reader
        self.vault = vault
    }

    /// All words of a tenant that can be opened.
    ///
    /// - Complexity: O(words), each opened.
    func words(_ tenant: TenantID) async throws(Problem) -> [TrailWord] {
        let rows = try await reader.scoped(tenant) { connection in
            let rows = try connection.query(
                "SELECT tag, word_sealed FROM tally.dictionary WHERE slot = $1",
                [.integer(try connection.slot(of: tenant))]
            )
            return try (0..<rows.count).map { (try rows.bytes($0, 0), try rows.bytes($0, 1)) }
        }
        var sealed: [(tag: BlindTag, part: SealedPart)] = []
        for (tag, bytes) in rows {
            guard case .sealed(let part) = try? Part(decoding: bytes) else { continue }
            sealed.append((BlindTag(tag) ?? .zero, part))
        }
        let keys: [KeyID: KeyFinding]
        do throws(VaultError) {
            keys = try await vault.openingKeys(tenant, Set(sealed.map(\.part.keyID)))
        } catch {
            throw Problem(error)
        }
        return sealed.compactMap { open($0.part, $0.tag, keys, tenant) }
    }

    private func open(
        _ part: SealedPart,
        _ tag: BlindTag,
        _ keys: [KeyID: KeyFinding],
        _ tenant: TenantID
    ) -> TrailWord? {
        guard case .live(let key, _) = keys[part.keyID] else { return nil }
        let associated = TrailWord.associated(
            ledger: vault.ledger,
            tenant: tenant,
            tag: tag,
            keyID: part.keyID
        )
        guard let bytes = try? part.open(with: key, associated: associated) else { return nil }
        return try? TrailWord(decoding: bytes)
    }
}
