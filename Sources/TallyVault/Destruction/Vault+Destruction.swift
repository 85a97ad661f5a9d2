// The end of keys: first blocked and suspended, so that nothing more is sealed or opened, then
// destroyed. Copies of what was destroyed die with the epochs that were before (KeyRotation).

package import TallyCore
package import TallyCrypto
internal import TallyPostgres

/// Whose keys an erasure destroys.
package struct KeyScope: Sendable, Equatable {
    /// The class that stands for all of a subject's retention classes.
    package static let everyClass = "*"

    /// The subject's blind tag; zeros for the whole tenant.
    package let subjectTag: BlindTag
    /// Retention classes, or ``everyClass`` alone.
    package let classes: [String]

    /// Names a subject's keys of some classes; of all classes when `classes` is `nil`.
    package init(subject: BlindTag, classes: [String]? = nil) {
        subjectTag = subject
        self.classes = classes?.distinctByBytes() ?? [Self.everyClass]
    }

    /// Every key of a tenant.
    package static let tenant = Self(subject: .zero)

    /// Whether it is a whole tenant.
    package var isTenant: Bool { subjectTag == .zero }
}

extension Vault {
    /// Blocks a scope and suspends its keys; gives their ids.
    ///
    /// From here on nobody makes a key for it, and whoever asks the key store is told `erased`.
    /// Keys that were destroyed before are among them: a ledger that was restored from an older
    /// backup has their ciphertext again.
    /// - Complexity: one index look-up for a subject, O(keys) for a tenant.
    package func block(
        _ tenant: TenantID,
        _ scope: KeyScope
    ) async throws(VaultError) -> [KeyID] {
        let ids = try await store.run(namesBlockers: true) { connection in
            let rows = try connection.query(
                "SELECT key_id FROM tally_keys.block_keys($1, $2, $3, $4)",
                [
                    .uuid(tenant.bytes), .bytea(scope.subjectTag.bytes),
                    Self.texts(scope.classes), .bigint(Int64(clamping: Micros.now())),
                ]
            )
            return try rows.map { try KeyStore.keyID($0["key_id"]) }
        }
        forget(tenant)
        return ids
    }

    /// Takes a block back, because a hold came before the fence.
    ///
    /// - Parameters:
    ///   - tenant: whose keys.
    ///   - scope: what was blocked.
    ///   - keys: the tenant's keys that another erasure has fenced; they stay suspended.
    ///   - classes: the subject's classes that another erasure has fenced; they stay blocked.
    /// - Throws: a ``VaultError``; it can be called again then.
    package func unblock(
        _ tenant: TenantID,
        _ scope: KeyScope,
        fencedKeys keys: [KeyID],
        fencedClasses classes: [String]
    ) async throws(VaultError) {
        try await store.run(namesBlockers: true) { connection in
            var fenced = ArrayColumn(.bytea)
            for key in keys { fenced.append(key.bytes) }
            _ = try connection.query(
                "SELECT tally_keys.unblock_keys($1, $2, $3, $4, $5, $6)",
                [
                    .uuid(tenant.bytes), .bytea(scope.subjectTag.bytes),
                    Self.texts(scope.classes), Parameter(fenced), Self.texts(classes),
                    .bigint(Int64(clamping: Micros.now())),
                ]
            )
        }
        forget(tenant)
    }

    private static func texts(_ texts: [String]) -> Parameter {
        var column = ArrayColumn(.text)
        for text in texts { column.append(Array(text.utf8)) }
        return Parameter(column)
    }

    /// Destroys keys that ``block(_:_:)`` has suspended, and for a whole tenant its wrapping key.
    ///
    /// - Returns: the newest epoch that there was. Once it and all before it are destroyed, no copy
    ///   of the keys can be opened.
    package func destroy(
        _ tenant: TenantID,
        _ ids: [KeyID],
        _ scope: KeyScope
    ) async throws(VaultError) -> UInt64 {
        let ledger = ledger
        let epoch = try await store.run(namesBlockers: true) { connection in
            var column = ArrayColumn(.bytea)
            for id in ids { column.append(id.bytes) }
            return try connection.query(
                "SELECT tally_keys.destroy_keys($1, $2, $3, $4, $5)",
                [
                    .uuid(ledger.bytes), .uuid(tenant.bytes), Parameter(column),
                    .bool(scope.isTenant), .bigint(Int64(clamping: Micros.now())),
                ]
            ).natural(0, 0, as: UInt64.self)
        }
        forget(tenant)
        return epoch
    }

    /// How many keys of a scope are not destroyed.
    package func countLive(
        _ tenant: TenantID,
        _ scope: KeyScope
    ) async throws(VaultError) -> Int {
        let parameters = [
            .uuid(tenant.bytes), .bytea(scope.subjectTag.bytes), Self.texts(scope.classes),
        ]
        return try await store.run(namesBlockers: true) { connection in
            Int(
                try connection.query("SELECT tally_keys.count_live($1, $2, $3)", parameters)
                    .integer(0, 0)
            )
        }
    }

    /// How many of some keys are not destroyed.
    package func countLive(
        _ tenant: TenantID,
        _ ids: [KeyID]
    ) async throws(VaultError) -> Int {
        try await store.run(namesBlockers: true) { connection in
            try KeyStore.find(connection, tenant: tenant, ids: ids).count { $0.wrapped != nil }
        }
    }

    /// Lets a subject have keys again; they are new ones, and open nothing from before.
    package func readmit(
        _ tenant: TenantID,
        _ subject: BlindTag
    ) async throws(VaultError) {
        try await store.run(namesBlockers: true) { connection in
            _ = try connection.query(
                "SELECT tally_keys.lift_block($1, $2, $3)",
                [
                    .uuid(tenant.bytes), .bytea(subject.bytes),
                    .bigint(Int64(clamping: Micros.now())),
                ]
            )
        }
        forget(tenant)
    }
}
