// The logs that decisions are taken from: checked by the process that acts, and held against the
// registers, which never steer it.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyStore

/// What a tenant's log says was decided, with registers that say the same.
package struct DecidedLog: Sendable {
    package let fold: DecisionFold
    /// The registers: every row stands for an event, and does not differ from it.
    package let rows: RegisterRows

    /// Leaves out rows about what was never decided.
    init(_ fold: DecisionFold, _ rows: RegisterRows) {
        var sound = rows
        sound.requests.removeAll { fold.requests[$0.id] == nil }
        sound.erasures.removeAll { fold.erasures[$0.id] == nil }
        sound.holds.removeAll { fold.holds[$0.id] == nil }
        sound.fences.removeAll { fold.erasures[$0.erasure] == nil }
        sound.fencedKeys = rows.fencedKeys.filter { fold.erasures[$0.key] != nil }
        (self.fold, self.rows) = (fold, sound)
    }
}

/// The logs that this process has checked.
package actor DecisionLogs {
    /// How many events of logs are remembered, about 40 bytes each; other logs are read from their
    /// beginning again.
    private static let bound: UInt64 = 4_000_000

    private var checked: [TenantID: CheckedLog] = [:]

    /// Knows no log.
    package init() {}

    /// Checks what is new in the ledger's own log and in that of a tenant, in one snapshot with
    /// their registers.
    ///
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - context: the ledger.
    ///   - pool: connections of role tally_operator or tally_executor.
    /// - Returns: what was decided.
    /// - Throws: `alteredRegister` where a log is no chain, or a register's row differs from it.
    /// - Complexity: O(new events, and decisions of the tenant).
    package func read(
        _ tenant: TenantID,
        _ context: DecisionContext,
        _ pool: ConnectionPool
    ) async throws(Problem) -> DecidedLog {
        let (own, ownRow) = (checked[context.ownTenant], context.ownTenant)
        let log = tenant == ownRow ? nil : checked[tenant]
        let ledger = context.row.id
        let found = try await Session(pool: pool).run { connection in
            try connection.transaction {
                try connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                return try LogSnapshot(ledger, ownRow, tenant, own, log, connection)
            }
        }
        remember(found.own)
        if let log = found.log { remember(log) }
        try found.requireUnaltered()
        return DecidedLog((found.log ?? found.own).fold, found.rows)
    }

    private func remember(_ log: CheckedLog) {
        checked[log.fold.tenant] = log
        guard checked.values.reduce(0, { $0 + $1.next }) > Self.bound else { return }
        checked = checked.filter { $0.key == log.fold.tenant }
    }
}

/// Both logs and the registers of one moment.
private struct LogSnapshot: Sendable {
    var own: CheckedLog
    var log: CheckedLog?
    let ownRows: RegisterRows
    let rows: RegisterRows

    init(
        _ ledger: LedgerID,
        _ ownTenant: TenantID,
        _ tenant: TenantID,
        _ own: CheckedLog?,
        _ log: CheckedLog?,
        _ connection: Connection
    ) throws {
        let heads = try TenantQuery.rows(
            connection,
            where: "t.tenant_id IN ($1, $2)",
            [.uuid(ownTenant.bytes), .uuid(tenant.bytes)]
        )
        func head(_ id: TenantID) throws -> TenantRow {
            guard let head = heads.first(where: { $0.id == id }) else {
                throw Problem(.notFound, "no such tenant", hint: "check the name")
            }
            return head
        }
        self.own =
            own
            ?? CheckedLog(ledger: ledger, tenant: ownTenant, slot: 0, operators: nil)
        let ownHead = try head(ownTenant)
        try self.own.advance(to: ownHead, nil, connection)
        ownRows = try RegisterRows.read(connection, slot: ownHead.slot, isOwn: true)
        guard tenant != ownTenant else {
            rows = ownRows
            return
        }
        let (row, operators) = (try head(tenant), self.own.fold.operators)
        var log =
            log
            ?? CheckedLog(
                ledger: ledger,
                tenant: tenant,
                slot: UInt32(truncatingIfNeeded: row.slot),
                operators: operators
            )
        try log.advance(to: row, operators, connection)
        self.log = log
        rows = try RegisterRows.read(connection, slot: row.slot, isOwn: false)
    }

    func requireUnaltered() throws(Problem) {
        var findings = RegisterCheck.run(ownRows, against: own.fold).findings
        if let log { findings += RegisterCheck.run(rows, against: log.fold).findings }
        guard let first = findings.first else { return }
        let place = first.position.map { ", event \($0)" } ?? ""
        throw Problem(
            .alteredRegister,
            "altered register: \(first.evidence)\(place)",
            hint: "nothing is done that the log does not say: run \(.verify), and find out who has "
                + "changed the database"
        )
    }
}
