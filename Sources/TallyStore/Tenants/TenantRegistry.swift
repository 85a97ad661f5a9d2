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

    private let reader: Session
    private let operators: Session
    private let vault: Vault
    private let ledgerTenant: TenantID

    /// Uses pools of the roles tally_reader and tally_operator.
    package init(
        reader: ConnectionPool,
        operators: ConnectionPool,
        vault: Vault,
        ledgerTenant: TenantID
    ) {
        self.reader = Session(pool: reader)
        self.operators = Session(pool: operators)
        self.vault = vault
        self.ledgerTenant = ledgerTenant
    }

    /// The tenant of that name.
    ///
    /// - Throws: `notFound` when there is none.
    package func find(_ name: String) async throws(Problem) -> TenantRow {
        let tag = try await tag(name)
        guard let row = try await row(tag) else {
            throw Problem(
                .notFound,
                "no tenant of that name",
                hint: "check the name with \(.listTenants)"
            )
        }
        return row
    }

    private func row(_ tag: BlindTag) async throws(Problem) -> TenantRow? {
        try await reader.run {
            try TenantQuery.rows($0, where: "name_tag = $1", [.bytea(tag.bytes)])
        }.first
    }

    /// All tenants in order of their slots, slot 0 first.
    package func list() async throws(Problem) -> [TenantRow] {
        try await reader.run { try TenantQuery.rows($0, where: "true", []) }
    }

    /// Opens a tenant's name; `nil` when its key is gone or it does not open.
    package func name(of row: TenantRow) async throws(Problem) -> String? {
        let bytes = try await names.open(row.nameSealed) { key in
            TenantName.associated(ledger: vault.ledger, tenant: row.id, keyID: key)
        }
        return bytes.flatMap { try? TenantName.decode($0) }
    }

    /// Creates a tenant with its keys, head and genesis event, and the events that say whose its
    /// data is.
    ///
    /// - Throws: `exists` when the name is taken; nothing but unused keys was stored then.
    package func create(
        _ name: String,
        region: String,
        owners: [SignerKey] = [],
        quorum: Int = 1
    ) async throws(Problem) -> (id: TenantID, slot: Int) {
        let id = TenantID.random()
        let (tag, sealed) = try await prepare(name, id)
        do throws(VaultError) {
            try await vault.createTenantKeys(id)
        } catch {
            throw Problem(error)
        }
        let slot = try await operators.run { connection in
            try connection.transaction {
                let rows = try connection.query(
                    "SELECT tally.create_tenant($1, $2, $3, $4)",
                    [.uuid(id.bytes), .bytea(tag.bytes), .bytea(sealed), .text(region)]
                )
                let slot = try rows.integer(0, 0, as: Int32.self)
                if !owners.isEmpty { try found(owners, quorum, in: slot, connection) }
                return Int(slot)
            }
        }
        return (id, slot)
    }

    private func found(
        _ owners: [SignerKey],
        _ quorum: Int,
        in slot: Int32,
        _ connection: Connection
    ) throws(PostgresError) {
        var keys = ArrayColumn(.bytea)
        for owner in owners { keys.append(owner.bytes) }
        _ = try connection.query(
            "SELECT tally.found_owners($1, $2, $3)",
            [.integer(slot), Parameter(keys), .integer(Int32(clamping: quorum))]
        )
    }

    /// The name of a tenant to be, as its row will have it.
    ///
    /// - Throws: `invalid` when the name is taken or not allowed.
    package func prepare(
        _ name: String,
        _ id: TenantID
    ) async throws(Problem) -> (tag: BlindTag, sealed: [UInt8]) {
        let tag = try await freeTag(name)
        return (tag, try await seal(name, of: id))
    }

    /// Checks that a tenant could be created under a name, and makes nothing.
    ///
    /// - Throws: `invalid` when the name is taken or not allowed.
    package func requireFree(_ name: String) async throws(Problem) {
        _ = try await freeTag(name)
    }

    private func freeTag(_ name: String) async throws(Problem) -> BlindTag {
        try TenantNameRule.check(name)
        let tag = try await tag(name)
        guard try await row(tag) == nil else {
            throw Problem(
                .invalid,
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
    ) async throws(Problem) -> Int? {
        try await position(
            "SELECT tally.freeze($1, $2, $3)",
            tenant,
            .smallint(level.rawValue)
        )
    }

    /// Ends a restriction; gives the event's position, `nil` when there was none.
    package func thaw(_ tenant: TenantID) async throws(Problem) -> Int? {
        try await position("SELECT tally.thaw($1, $2)", tenant)
    }

    private func position(
        _ query: String,
        _ tenant: TenantID,
        _ parameters: Parameter...
    ) async throws(Problem) -> Int? {
        let request = EventID.random()
        return try await operators.run { connection in
            let rows = try connection.query(
                query,
                [.integer(try connection.slot(of: tenant)), .uuid(request.bytes)] + parameters
            )
            return rows.isNull(0, 0) ? nil : try rows.natural(0, 0)
        }
    }

    /// How far a tenant is restricted; `nil` while it is not.
    package func level(of tenant: TenantID) async throws(Problem) -> FreezeLevel? {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT r.level FROM tally.head h JOIN tally.restriction r USING (slot)
                WHERE h.slot = $1 AND h.state = 1
                """,
                [.integer(try connection.slot(of: tenant))]
            )
            return rows.count == 0
                ? nil : FreezeLevel(rawValue: try rows.integer(0, 0, as: Int16.self))
        }
    }

    func tag(_ name: String) async throws(Problem) -> BlindTag {
        do throws(VaultError) {
            return try await vault.indexKey(ledgerTenant).tag(.tenant, name)
        } catch {
            throw Problem(error)
        }
    }

    func seal(_ name: String, of tenant: TenantID) async throws(Problem) -> [UInt8] {
        try await names.seal(TenantName.encode(name)) { key in
            TenantName.associated(ledger: vault.ledger, tenant: tenant, keyID: key)
        }
    }

    private var names: NameSeal { NameSeal(vault: vault, tenant: ledgerTenant) }
}
