// What the key store has withdrawn of a tenant: each key that is suspended or destroyed, and who
// may get none.

package import TallyCore
package import TallyCrypto
internal import TallyPostgres

/// A tenant's keys that neither seal nor open.
package struct WithdrawnKeys: Sendable {
    /// Whose keys are meant.
    package struct Subject: Hashable, Sendable {
        package let tag: BlindTag
        package let retentionClass: ByteText

        /// Names a subject's keys of one class.
        package init(tag: BlindTag, retentionClass: ByteText) {
            (self.tag, self.retentionClass) = (tag, retentionClass)
        }
    }

    /// A key.
    package struct Key: Sendable {
        package let id: KeyID
        /// Whose it is; `nil` for a key of the tenant itself.
        package let subject: Subject?
        package let isDestroyed: Bool
    }

    package let keys: [Key]
    package let blocks: Set<Subject>
}

extension Vault {
    /// Reads what is withdrawn of a tenant.
    ///
    /// - Complexity: O(withdrawn keys).
    package func withdrawn(_ tenant: TenantID) async throws(VaultError) -> WithdrawnKeys {
        try await store.run { connection in
            let keys = try connection.query(
                """
                SELECT key_id, is_subject, subject_tag, retention_class, is_destroyed
                FROM tally_keys.withdrawn_keys($1)
                """,
                [.uuid(tenant.bytes)]
            ).map { row in
                WithdrawnKeys.Key(
                    id: try KeyStore.keyID(row["key_id"]),
                    subject: try row["is_subject"].bool() ? try WithdrawnKeys.Subject(row) : nil,
                    isDestroyed: try row["is_destroyed"].bool()
                )
            }
            let blocks = try connection.query(
                "SELECT subject_tag, retention_class FROM tally_keys.living_blocks($1)",
                [.uuid(tenant.bytes)]
            ).map { row in try WithdrawnKeys.Subject(row) }
            return WithdrawnKeys(keys: keys, blocks: Set(blocks))
        }
    }

    /// How many of some keys live, of which there may be many.
    package func countLiving(
        _ tenant: TenantID,
        among ids: Set<KeyID>
    ) async throws(VaultError) -> Int {
        let page = 10_000
        let ids = Array(ids)
        var count = 0
        for start in stride(from: 0, to: ids.count, by: page) {
            count += try await countLive(tenant, Array(ids[start..<min(start + page, ids.count)]))
        }
        return count
    }
}

extension WithdrawnKeys.Subject {
    fileprivate init(_ row: Row) throws(PostgresError) {
        tag = try row["subject_tag"].id()
        retentionClass = ByteText(try row["retention_class"].text())
    }
}
