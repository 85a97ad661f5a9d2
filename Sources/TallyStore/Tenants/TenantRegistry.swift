// Tenants by name: found through a blind tag, shown by opening the sealed name. Both use the keys
// of slot 0, the ledger's own tenant.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
package import TallyVault

/// Finds, lists and creates tenants.
package struct TenantRegistry: Sendable {
    /// The reserved name of slot 0.
    package static let ledgerName = "_ledger"

    private let reader: LogReader
    private let operators: LogReader
    private let vault: Vault
    private let ledgerTenant: TenantID

    /// Uses pools of the roles tally_reader and tally_operator.
    package init(
        reader: ConnectionPool,
        operators: ConnectionPool,
        vault: Vault,
        ledgerTenant: TenantID
    ) {
        self.reader = LogReader(pool: reader)
        self.operators = LogReader(pool: operators)
        self.vault = vault
        self.ledgerTenant = ledgerTenant
    }

    /// The tenant of that name.
    ///
    /// - Throws: `notFound` when there is none.
    package func find(_ name: String) async throws(StoreError) -> TenantRow {
        let tag = try await tag(name)
        guard let row = try await row(tag) else {
            throw StoreError(
                .notFound,
                "no tenant of that name",
                hint: "check the name with tally tenant list"
            )
        }
        return row
    }

    private func row(_ tag: BlindTag) async throws(StoreError) -> TenantRow? {
        try await reader.run {
            try TenantQuery.rows($0, where: "name_tag = $1", [.bytea(tag.bytes)])
        }.first
    }

    /// All tenants in order of their slots, slot 0 first.
    package func list() async throws(StoreError) -> [TenantRow] {
        try await reader.run { try TenantQuery.rows($0, where: "true", []) }
    }

    /// Opens a tenant's name; `nil` when its key is gone or it does not open.
    package func name(of row: TenantRow) async throws(StoreError) -> String? {
        guard case .sealed(let part) = try? Part(decoding: row.nameSealed) else { return nil }
        let finding: KeyFinding?
        do throws(VaultError) {
            finding = try await vault.openingKeys(ledgerTenant, [part.keyID])[part.keyID]
        } catch {
            throw StoreError(error)
        }
        guard case .live(let key, _) = finding else { return nil }
        let associated = TenantName.associated(
            ledger: vault.ledger,
            tenant: row.id,
            keyID: key.id
        )
        guard let bytes = try? part.open(with: key, associated: associated) else { return nil }
        return try? TenantName.decode(bytes)
    }

    /// Creates a tenant with its keys, head and genesis event.
    ///
    /// - Throws: `exists` when the name is taken; nothing but unused keys was stored then.
    package func create(
        _ name: String,
        region: String
    ) async throws(StoreError) -> (id: TenantID, slot: Int) {
        let id = TenantID.random()
        let (tag, sealed) = try await prepare(name, id)
        do throws(VaultError) {
            try await vault.createTenantKeys(id)
        } catch {
            throw StoreError(error)
        }
        let slot = try await operators.run { connection in
            let rows = try connection.query(
                "SELECT tally.create_tenant($1, $2, $3, $4)",
                [.uuid(id.bytes), .bytea(tag.bytes), .bytea(sealed), .text(region)]
            )
            return try rows.natural(0, 0)
        }
        return (id, slot)
    }

    /// The name of a tenant to be, as its row will have it.
    ///
    /// - Throws: `exists` when the name is taken, `invalid` when it is none.
    package func prepare(
        _ name: String,
        _ id: TenantID
    ) async throws(StoreError) -> (tag: BlindTag, sealed: [UInt8]) {
        let tag = try await freeTag(name)
        return (tag, try await seal(name, of: id))
    }

    /// Checks that a tenant could be created under a name, and makes nothing.
    ///
    /// - Throws: `exists` when the name is taken, `invalid` when it is none.
    package func requireFree(_ name: String) async throws(StoreError) {
        _ = try await freeTag(name)
    }

    private func freeTag(_ name: String) async throws(StoreError) -> BlindTag {
        try TenantNameRule.check(name)
        let tag = try await tag(name)
        guard try await row(tag) == nil else {
            throw StoreError(
                .exists,
                "a tenant of this name exists already",
                hint: "choose another name"
            )
        }
        return tag
    }

    /// Restricts a tenant; gives the event's position, `nil` when it was so already.
    package func freeze(
        _ tenant: TenantID,
        _ level: FreezeLevel = .restricted
    ) async throws(StoreError) -> Int? {
        try await position(
            "SELECT tally.freeze($1, $2, $3)",
            [.uuid(tenant.bytes), .uuid(EventID.random().bytes), .smallint(level.rawValue)]
        )
    }

    /// Ends a restriction; gives the event's position, `nil` when there was none.
    package func thaw(_ tenant: TenantID) async throws(StoreError) -> Int? {
        try await position(
            "SELECT tally.thaw($1, $2)",
            [.uuid(tenant.bytes), .uuid(EventID.random().bytes)]
        )
    }

    private func position(
        _ query: String,
        _ parameters: [Parameter]
    ) async throws(StoreError) -> Int? {
        try await operators.run { connection in
            let rows = try connection.query(query, parameters)
            return rows.isNull(0, 0) ? nil : try rows.natural(0, 0)
        }
    }

    /// How far a tenant is restricted; `nil` while it is not.
    package func level(of tenant: TenantID) async throws(StoreError) -> FreezeLevel? {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT r.level FROM tally.head h JOIN tally.restriction r USING (tenant_id)
                WHERE h.tenant_id = $1 AND h.state = 1
                """,
                [.uuid(tenant.bytes)]
            )
            return rows.count == 0
                ? nil : FreezeLevel(rawValue: try rows.integer(0, 0, as: Int16.self))
        }
    }

    func tag(_ name: String) async throws(StoreError) -> BlindTag {
        do throws(VaultError) {
            return try await vault.indexKey(ledgerTenant).tag(.tenant, name)
        } catch {
            throw StoreError(error)
        }
    }

    func seal(_ name: String, of tenant: TenantID) async throws(StoreError) -> [UInt8] {
        do throws(VaultError) {
            let key = try await vault.dataKey(ledgerTenant)
            let associated = TenantName.associated(
                ledger: vault.ledger,
                tenant: tenant,
                keyID: key.id
            )
            do throws(CryptoError) {
                let part = try SealedPart(
                    sealing: TenantName.encode(name),
                    under: key,
                    associated: associated
                )
                return part.encoded()
            } catch {
                throw VaultError(.provider, error.description)
            }
        } catch {
            throw StoreError(error)
        }
    }
}
