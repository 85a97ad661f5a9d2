// Which copy of a ledger may end its epochs. A drill or a staging system that was copied together
// with the ledger's id, and sees the same KEKs, must not end those of the original.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// The ownership of a ledger's KEKs: notes at their provider that are only ever added.
///
/// `owner-N` says that it was taken N times, and `owner-N-…` where the key store was that took it.
/// A copy of the key store is elsewhere, and one that lost it does not know the newest N.
package struct KeyOwnership: Sendable {
    private struct Place: Sendable {
        let ordinal: Int
        let text: String
    }

    private let vault: Vault

    /// The ownership of the KEKs of `vault`'s ledger.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// Whether this key store owns the KEKs.
    ///
    /// - Throws: `unavailable` on a standby, which owns nothing before it is promoted.
    package func isHeld() async throws(VaultError) -> Bool {
        let place = try await place()
        guard place.ordinal > 0, try await has(note(place.ordinal, place.text)) else {
            return false
        }
        return try await !has(note(place.ordinal + 1))
    }

    /// Requires that this key store owns the KEKs.
    ///
    /// - Throws: `notOwner` when it does not: then it may not end an epoch.
    package func require() async throws(VaultError) {
        guard try await !isHeld() else { return }
        throw VaultError(
            .notOwner,
            "the KEKs of this ledger belong to another copy of its key store, or to this one in "
                + "another "
                + "place",
            hint: "if this is the one that goes on, after a failover or a move: \(.adoptKeys). A "
                + "drill or a test must not: give it KEKs and a journal of its own"
        )
    }

    /// Takes the ownership, after which no other copy may end an epoch.
    ///
    /// - Returns: `false` when it was held already.
    /// - Throws: `provider` when it was taken too often.
    package func take() async throws(VaultError) -> Bool {
        guard try await !isHeld() else { return false }
        let place = try await place()
        var ordinal = place.ordinal + 1
        while try await has(note(ordinal)) {
            ordinal += 1
            guard ordinal <= VaultLimits.ownerships else {
                throw VaultError(.provider, "the ownership of the KEKs was taken too often")
            }
        }
        // First who, then that: a process that dies in between has taken nothing.
        try await vault.provider.leaveNote(note(ordinal, place.text))
        try await vault.provider.leaveNote(note(ordinal))
        let (ledger, taken) = (vault.ledger, Int64(clamping: ordinal))
        try await vault.store.run { connection in
            _ = try connection.query(
                "SELECT tally_keys.note_owner($1, $2, $3)",
                [.uuid(ledger.bytes), .bigint(taken), .bigint(Int64(clamping: Micros.now()))]
            )
        }
        return true
    }

    private func place() async throws(VaultError) -> Place {
        let ledger = vault.ledger
        return try await vault.store.run { connection in
            let rows = try connection.query(
                "SELECT ordinal, place FROM tally_keys.find_owner($1)",
                [.uuid(ledger.bytes)]
            )
            guard let row = rows.first, let text = try row["place"].optionalText() else {
                throw Self.standby
            }
            return Place(ordinal: try row["ordinal"].natural(), text: text)
        }
    }

    private static let standby = VaultError(
        .unavailable,
        "the key store is a standby: it owns no KEKs",
        hint: "use the primary; after a promotion: \(.adoptKeys)"
    )

    private func has(_ note: String) async throws(VaultError) -> Bool {
        try await vault.provider.hasNote(note)
    }

    private func note(_ ordinal: Int) -> String { "owner-\(ordinal)" }

    private func note(_ ordinal: Int, _ place: String) -> String {
        let digest = SHA256.hash(Array("tallystick owner v1 \(vault.ledger.hex) \(place)".utf8))
        return "\(note(ordinal))-\(Hex.encode(Array(digest.bytes.prefix(16))))"
    }
}
