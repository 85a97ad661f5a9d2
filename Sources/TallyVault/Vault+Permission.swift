// Whether subjects may have keys, for those who only ask: nothing is made, and nothing unwrapped.

package import TallyCore
internal import TallyPostgres

extension Vault {
    /// Whether each of these keys is there for sealing, or could be made.
    ///
    /// - Throws: `unavailable` when the key store cannot be reached.
    package func permitsKeys(
        _ tenant: TenantID,
        _ names: [KeyName]
    ) async throws(VaultError) -> Bool {
        try await store.run { connection in
            let records = try KeyStore.find(connection, tenant: tenant, names: names)
            guard records.allSatisfy({ $0.usable != nil || $0.isReadmitted }) else { return false }
            return try !KeyStore.isBlocked(connection, tenant: tenant, names: names)
        }
    }
}

extension KeyStore {
    /// Whether a key of one of these names would not be made.
    static func isBlocked(
        _ connection: Connection,
        tenant: TenantID,
        names: [KeyName]
    ) throws -> Bool {
        var tags = ArrayColumn(.bytea)
        var classes = ArrayColumn(.text)
        for name in names {
            tags.append(name.subjectTag.bytes)
            classes.append(Array(name.retentionClass.utf8))
        }
        let rows = try connection.query(
            "SELECT tally_keys.is_blocked($1, $2, $3)",
            [.uuid(tenant.bytes), Parameter(tags), Parameter(classes)]
        )
        return try rows.bool(0, 0)
    }
}
