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
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw VaultError(
                .rejected,
                "the login of the key store lacks a privilege: \(error.message)",
                hint: "grant it tally_key_writer, or tally_key_keeper for rotations and erasures"
            )
        } catch let error as PostgresError where error.isLasting {
            throw VaultError(
                .rejected,
                "the key store: \(error)",
                hint: "run \(.checkSchema): it compares the key store's database with this build"
            )
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

    static let wrapColumns =
        "tenant_id, epoch, twk_id, wrapped, dirty_since IS NOT NULL AS is_dirty"

    static func wraps(_ rows: Rows) throws -> [TenantWrap] {
        try rows.map { row in
            TenantWrap(
                tenant: try row["tenant_id"].id(),
                epoch: try row["epoch"].natural(as: UInt64.self),
                twkID: try keyID(row["twk_id"]),
                wrapped: try row["wrapped"].optionalBytes(),
                isDirty: try row["is_dirty"].bool()
            )
        }
    }

    /// Stores a tenant's first wrap; `false` when it has one, `nil` when the epoch is not the
    /// active one.
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
            SELECT \(recordColumns), false AS readmitted FROM tally_keys.find_ids($1, $2)
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
                SELECT \(recordColumns), false AS readmitted FROM tally_keys.find_subject($1, $2)
                """,
                [.uuid(tenant.bytes), .bytea(subject.bytes)]
            )
        )
    }

    /// A number that changes whenever a subject of the tenant is blocked or readmitted.
    static func countBlocks(_ connection: Connection, tenant: TenantID) throws -> Int {
        Int(
            try connection.query("SELECT tally_keys.count_blocks($1)", [.uuid(tenant.bytes)])
                .integer(0, 0)
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
            """
            SELECT key_id FROM tally_keys.create_keys($1, $2, $3, $4, $5, $6, $7, $8, $9) k (key_id)
            """,
            [
                .uuid(tenant.bytes), .bytea(parent.bytes), .bigint(Int64(clamping: createdAt)),
                Parameter(columns.ids), Parameter(columns.kinds), Parameter(columns.tags),
                Parameter(columns.classes), Parameter(columns.generations),
                Parameter(columns.wrapped),
            ]
        )
        return Set(try rows.map { try keyID($0["key_id"]) })
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
        try rows.map { try record($0) }
    }

    static func record(_ row: Row) throws -> KeyRecord {
        guard let kind = KeyKind(rawValue: UInt8(clamping: try row["kind"].integer())),
            let tag = BlindTag(try row["subject_tag"].bytes()),
            let state = KeyState(rawValue: try row["state"].text())
        else { throw VaultError(.damagedKey, "a key record of no known kind or state") }
        return KeyRecord(
            name: KeyName(
                kind,
                subjectTag: tag,
                retentionClass: try row["retention_class"].text()
            ),
            id: try keyID(row["key_id"]),
            generation: Int(try row["generation"].natural(as: Int32.self)),
            state: state,
            wrapped: try row["wrapped"].optionalBytes(),
            isReadmitted: try row["readmitted"].bool()
        )
    }

    static func keyID(_ field: Field) throws -> KeyID {
        guard let digest = Digest(try field.bytes()) else {
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
