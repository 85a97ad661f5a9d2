// The key store's rows: its functions by name, with bound parameters. Nothing here unwraps a key.

package import TallyCore
package import TallyCrypto
package import TallyPostgres

/// The states of a key (names of NIST SP 800-57, part 1).
package enum KeyState: String, Sendable {
    /// It seals and opens.
    case active
    /// An erasure has begun: it neither seals nor opens, and is about to be destroyed.
    case suspended
    /// It opens, and seals no more.
    case deactivated
    /// It is gone; its row stays, so that it is never made again.
    case destroyed
}

/// A key as the store keeps it.
package struct KeyRecord: Sendable {
    package let name: KeyName
    package let id: KeyID
    package let generation: Int
    package let state: KeyState
    /// The wrap, or `nil` when the key was destroyed.
    package let wrapped: [UInt8]?
    /// Whether it was destroyed and its subject readmitted since, so that a next one may be made.
    package var isReadmitted = false

    /// The wrap of a key that may be used.
    var usable: [UInt8]? { state == .suspended ? nil : wrapped }
}

/// Access to the key store's database.
package struct KeyStore: Sendable {
    /// A tenant's wrapping key as it is stored.
    package struct TenantWrap: Sendable, Equatable {
        package let tenant: TenantID
        package let epoch: UInt64
        package let twkID: KeyID
        /// The wrap, or `nil` when the tenant was erased.
        package let wrapped: [UInt8]?
        /// Whether a key was destroyed that old copies of this TWK can open.
        package let isDirty: Bool
    }

    private let pool: ConnectionPool

    /// Uses a pool of connections to the key store.
    package init(pool: ConnectionPool) {
        self.pool = pool
    }

    /// Runs `body` on a connection; whatever PostgreSQL refuses is `unavailable`, and rows that no
    /// ledger writes are a `damagedKey`.
    ///
    /// With `namesBlockers` the error of a call that waited too long for a lock says for whom.
    package func run<Value: Sendable>(
        namesBlockers: Bool = false,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws(VaultError) -> Value {
        do {
            return try await namesBlockers
                ? pool.withWatchedConnection(body) : pool.withConnection(body)
        } catch let error as VaultError {
            throw error
        } catch let error as PostgresError where error.code == .unexpectedResult {
            let what = "the key store holds something that the ledger never writes"
            throw VaultError(.damagedKey, "\(what): \(error)")
        } catch let error as PostgresError where [.rejected, .standby].contains(error.code) {
            throw VaultError(.rejected, "the key store: \(error)")
        } catch let error as PostgresError {
            throw VaultError(.unavailable, "the key store: \(error)")
        } catch {
            throw VaultError(.unavailable, "the key store failed")
        }
    }

    /// The tenant's wrap as it is now; a standby has it, too.
    static func readWrap(_ connection: Connection, tenant: TenantID) throws -> TenantWrap? {
        let rows = try connection.query(
            "SELECT \(wrapColumns) FROM tally_keys.read_wrap($1)",
            [.uuid(tenant.bytes)]
        )
        return try wraps(rows).first
    }

    /// The tenant's wrap, held against replacement inside a transaction.
    static func holdWrap(_ connection: Connection, tenant: TenantID) throws -> TenantWrap? {
        let rows = try connection.query(
            "SELECT \(wrapColumns) FROM tally_keys.hold_wrap($1)",
            [.uuid(tenant.bytes)]
        )
        return try wraps(rows).first
    }

    static let wrapColumns = "tenant_id, epoch, twk_id, wrapped, dirty_since IS NOT NULL"

    static func wraps(_ rows: Rows) throws -> [TenantWrap] {
        try (0..<rows.count).map { row in
            TenantWrap(
                tenant: TenantID(try rows.bytes(row, 0)) ?? .zero,
                epoch: try rows.natural(row, 1, as: UInt64.self),
                twkID: try digest(rows, row, 2),
                wrapped: rows.optionalBytes(row, 3),
                isDirty: try rows.bool(row, 4)
            )
        }
    }

    /// Stores a tenant's first wrap; `false` when it has one, `nil` when the epoch is not the active one.
    static func createWrap(
        _ connection: Connection,
        ledger: LedgerID,
        tenant: TenantID,
        wrap: WrappedTWK
    ) throws -> Bool? {
        let rows = try connection.query(
            "SELECT tally_keys.create_wrap($1, $2, $3, $4, $5)",
            [
                .uuid(ledger.bytes), .uuid(tenant.bytes), .bigint(Int64(clamping: wrap.epoch)),
                .bytea(wrap.twkID.bytes),
                .bytea(wrap.encoded()),
            ]
        )
        return rows.isNull(0, 0) ? nil : try rows.bool(0, 0)
    }

    /// The newest generation of each key that exists, in no promised order.
    static func find(
        _ connection: Connection,
        tenant: TenantID,
        names: [KeyName]
    ) throws -> [KeyRecord] {
        var kinds = ArrayColumn(.smallint)
        var tags = ArrayColumn(.bytea)
        var classes = ArrayColumn(.text)
        for name in names {
            kinds.append(Int16(name.kind.rawValue))
            tags.append(name.subjectTag.bytes)
            classes.append(Array(name.retentionClass.utf8))
        }
        let rows = try connection.query(
            """
            SELECT \(recordColumns), readmitted FROM tally_keys.find_named($1, $2, $3, $4)
            """,
            [.uuid(tenant.bytes), Parameter(kinds), Parameter(tags), Parameter(classes)]
        )
        return try records(rows)
    }

    /// Keys by id, those that exist.
    static func find(
        _ connection: Connection,
        tenant: TenantID,
        ids: [KeyID]
    ) throws -> [KeyRecord] {
        var column = ArrayColumn(.bytea)
        for id in ids { column.append(id.bytes) }
        let rows = try connection.query(
            """
            SELECT \(recordColumns), false FROM tally_keys.find_ids($1, $2)
            """,
            [.uuid(tenant.bytes), Parameter(column)]
        )
        return try records(rows)
    }

    /// All keys of a subject, in the order of classes and generations.
    static func find(
        _ connection: Connection,
        tenant: TenantID,
        subject: BlindTag
    ) throws -> [KeyRecord] {
        try records(
            connection.query(
                """
                SELECT \(recordColumns), false FROM tally_keys.key_record
                WHERE tenant_id = $1 AND kind = 2 AND subject_tag = $2
                ORDER BY retention_class, generation
                """,
                [.uuid(tenant.bytes), .bytea(subject.bytes)]
            )
        )
    }

    /// A number that changes whenever a subject of the tenant is blocked or readmitted.
    static func countBlocks(_ connection: Connection, tenant: TenantID) throws -> Int {
        Int(
            try connection.query(
                """
                SELECT count(*) + count(lifted_at) FROM tally_keys.key_block WHERE tenant_id = $1
                """,
                [.uuid(tenant.bytes)]
            ).integer(0, 0)
        )
    }

    /// Stores keys where there are none; gives the ids that were stored.
    static func create(
        _ connection: Connection,
        tenant: TenantID,
        parent: KeyID,
        createdAt: UInt64,
        keys: [NewKey]
    ) throws -> Set<KeyID> {
        var columns = (
            ids: ArrayColumn(.bytea), kinds: ArrayColumn(.smallint), tags: ArrayColumn(.bytea),
            classes: ArrayColumn(.text), generations: ArrayColumn(.integer),
            wrapped: ArrayColumn(.bytea)
        )
        for key in keys {
            columns.ids.append(key.wrapped.keyID.bytes)
            columns.kinds.append(Int16(key.name.kind.rawValue))
            columns.tags.append(key.name.subjectTag.bytes)
            columns.classes.append(Array(key.name.retentionClass.utf8))
            columns.generations.append(Int32(clamping: key.generation))
            columns.wrapped.append(key.wrapped.encoded())
        }
        let rows = try connection.query(
            "SELECT * FROM tally_keys.create_keys($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                .uuid(tenant.bytes), .bytea(parent.bytes), .bigint(Int64(clamping: createdAt)),
                Parameter(columns.ids), Parameter(columns.kinds), Parameter(columns.tags),
                Parameter(columns.classes), Parameter(columns.generations),
                Parameter(columns.wrapped),
            ]
        )
        return Set(try (0..<rows.count).map { try digest(rows, $0, 0) })
    }

    /// Reserves seals; `false` when the key has reached its bound.
    static func reserveSeals(
        _ connection: Connection,
        key: KeyID,
        block: Int,
        bound: Int
    ) throws -> Bool {
        let rows = try connection.query(
            "SELECT tally_keys.reserve_seals($1, $2, $3)",
            [.bytea(key.bytes), .bigint(Int64(clamping: block)), .bigint(Int64(clamping: bound))]
        )
        return try rows.bool(0, 0)
    }

    static let recordColumns =
        "key_id, kind, subject_tag, retention_class, generation, state, wrapped"

    static func records(_ rows: Rows) throws -> [KeyRecord] {
        try (0..<rows.count).map { row in
            guard let kind = KeyKind(rawValue: UInt8(clamping: try rows.integer(row, 1))),
                let tag = BlindTag(try rows.bytes(row, 2)),
                let state = KeyState(rawValue: try rows.text(row, 5))
            else { throw VaultError(.damagedKey, "a key record of no known kind or state") }
            let name = KeyName(kind, subjectTag: tag, retentionClass: try rows.text(row, 3))
            return KeyRecord(
                name: name,
                id: try digest(rows, row, 0),
                generation: Int(try rows.natural(row, 4, as: Int32.self)),
                state: state,
                wrapped: rows.optionalBytes(row, 6),
                isReadmitted: try rows.bool(row, 7)
            )
        }
    }

    static func digest(_ rows: Rows, _ row: Int, _ column: Int) throws -> Digest {
        guard let digest = Digest(try rows.bytes(row, column)) else {
            throw VaultError(.damagedKey, "a key id of other than 32 bytes")
        }
        return digest
    }
}

/// A key on its way into the store.
package struct NewKey: Sendable {
    let name: KeyName
    let generation: Int
    let wrapped: WrappedKey
}
