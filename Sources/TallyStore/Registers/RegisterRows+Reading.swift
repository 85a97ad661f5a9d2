// Reads the registers of one tenant, every row and every column that something is decided by.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyVault

extension RegisterRows {
    /// Reads within the caller's transaction, which a role that may read registers holds.
    ///
    /// - Parameters:
    ///   - connection: where.
    ///   - slot: whose registers.
    ///   - isOwn: whether it is the ledger's own tenant.
    /// - Returns: every row.
    /// - Throws: `unexpectedResult` for a value that no row of ours has.
    /// - Complexity: O(decisions of the tenant).
    package static func read(
        _ connection: Connection,
        slot: Int,
        isOwn: Bool
    ) throws(PostgresError) -> RegisterRows {
        let reader = RegisterReader(connection: connection, slot: Int32(clamping: slot))
        var rows = RegisterRows()
        rows.requests = try reader.requests()
        rows.approvals = try reader.approvals()
        rows.erasures = try reader.erasures()
        rows.listed = try reader.listed()
        rows.holds = try reader.holds()
        rows.fences = try reader.fences()
        rows.fencedKeys = try reader.fencedKeys()
        rows.restores = try reader.restores()
        rows.conflicts = try reader.conflicts()
        rows.restriction = try reader.restriction()
        rows.owners = try reader.owners()
        guard isOwn else { return rows }
        rows.operators = try reader.operators()
        rows.epochs = try reader.epochs()
        return rows
    }
}

/// The statements behind it.
private struct RegisterReader {
    let connection: Connection
    let slot: Int32

    func requests() throws(PostgresError) -> [RegisterRows.Request] {
        try rows(
            "SELECT * FROM tally.request WHERE slot = $1"
        ).map { row throws(PostgresError) in
            RegisterRows.Request(
                id: try row["request_id"].id(),
                action: UInt8(clamping: try row["action"].integer()),
                plan: try row["plan"].bytes(),
                head: try row["head_leaf_hash"].bytes(),
                requester: try row["requester"].id(),
                authority: try row["authority"].text(),
                requestedAt: try row["requested_at"].time(),
                state: try row["state"].text()
            )
        }
    }

    func approvals() throws(PostgresError) -> [RegisterRows.Approval] {
        try rows(
            "SELECT * FROM tally.approval WHERE slot = $1"
        ).map { row throws(PostgresError) in
            RegisterRows.Approval(
                request: try row["request_id"].id(),
                signer: try row["operator_id"].id(),
                approvedAt: try row["approved_at"].time(),
                expiresAt: try row["expires_at"].time(),
                signed: try row["signed"].bytes()
            )
        }
    }

    func erasures() throws(PostgresError) -> [RegisterRows.Erasure] {
        try rows(
            """
            SELECT *, array_to_string(classes, ',') AS class_list,
                coalesce(destroyed_positions, '{}') AS destructions
            FROM tally.erasure WHERE slot = $1
            """
        ).map { row throws(PostgresError) in
            RegisterRows.Erasure(
                id: try row["erasure_id"].id(),
                subjectTag: try row["subject_tag"].bytes(),
                classes: try row["class_list"].text()
                    .split(separator: ",", omittingEmptySubsequences: false).map(String.init),
                ground: try row["ground"].text(),
                state: try row["state"].text(),
                follows: try row["follows"].optionalID(),
                notBefore: try row["not_before"].optionalTime(),
                fencePosition: try row["fence_position"].optionalNatural(as: UInt64.self),
                destroyedEpoch: try row["destroyed_epoch"].optionalNatural(as: UInt64.self),
                destroyedPositions: try row["destructions"].naturals()
                    .map { UInt64(clamping: $0) },
                purgedParts: try row["purged_parts"].natural(as: UInt64.self),
                backupsUntil: try row["backups_until"].optionalTime(),
                times: [
                    .requested: try row["requested_at"].time(),
                    .fenced: try row["fenced_at"].optionalTime(),
                    .keysDestroyed: try row["destroyed_at"].optionalTime(),
                    .epochRetired: try row["retired_at"].optionalTime(),
                    .final: try row["final_at"].optionalTime(),
                ],
                purgedAt: try row["purged_at"].optionalTime()
            )
        }
    }

    func listed() throws(PostgresError) -> [DecisionID: Set<UInt64>] {
        var listed: [DecisionID: Set<UInt64>] = [:]
        for row in try rows(
            "SELECT erasure_id, position FROM tally.erasure_event WHERE slot = $1"
        ) {
            listed[try row["erasure_id"].id(), default: []]
                .insert(try row["position"].natural(as: UInt64.self))
        }
        return listed
    }

    func holds() throws(PostgresError) -> [RegisterRows.Hold] {
        try rows("SELECT * FROM tally.hold WHERE slot = $1")
            .map { row throws(PostgresError) in
                RegisterRows.Hold(
                    id: try row["hold_id"].id(),
                    subjectTag: try row["subject_tag"].bytes(),
                    reviewAt: try row["review_at"].time(),
                    placedAt: try row["placed_at"].time(),
                    releasedAt: try row["released_at"].optionalTime()
                )
            }
    }

    func fences() throws(PostgresError) -> [RegisterRows.Fence] {
        try rows("SELECT * FROM tally.key_fence WHERE slot = $1")
            .map { row throws(PostgresError) in
                RegisterRows.Fence(
                    erasure: try row["erasure_id"].id(),
                    subjectTag: try row["subject_tag"].bytes(),
                    retentionClass: try row["retention_class"].text(),
                    position: try row["position"].natural(as: UInt64.self),
                    readmittedAt: try row["readmitted_at"].optionalTime()
                )
            }
    }

    func fencedKeys() throws(PostgresError) -> [DecisionID: Set<Digest>] {
        var keys: [DecisionID: Set<Digest>] = [:]
        for row in try rows(
            "SELECT erasure_id, key_id FROM tally.fenced_key WHERE slot = $1"
        ) {
            keys[try row["erasure_id"].id(), default: []].insert(try row["key_id"].digest())
        }
        return keys
    }

    func restores() throws(PostgresError) -> [RegisterRows.Restore] {
        try rows("SELECT * FROM tally.restore WHERE slot = $1")
            .map { row throws(PostgresError) in
                RegisterRows.Restore(
                    id: try row["restore_id"].id(),
                    undoes: try row["undoes"].optionalID(),
                    clone: try row["clone"].optionalID(),
                    cut: try row["cut"].natural(as: UInt64.self),
                    state: try row["state"].text(),
                    beganPosition: try row["began_position"].optionalNatural(as: UInt64.self),
                    endedPosition: try row["ended_position"].optionalNatural(as: UInt64.self),
                    applied: try row["applied"].natural(as: UInt64.self)
                )
            }
    }

    func conflicts() throws(PostgresError) -> [DecisionID: UInt64] {
        var conflicts: [DecisionID: UInt64] = [:]
        for row in try rows(
            """
            SELECT restore_id, count(*) AS number FROM tally.restore_conflict
            WHERE slot = $1 GROUP BY 1
            """
        ) {
            conflicts[try row["restore_id"].id()] = try row["number"].natural(as: UInt64.self)
        }
        return conflicts
    }

    func restriction() throws(PostgresError) -> UInt64? {
        try rows("SELECT level FROM tally.restriction WHERE slot = $1")
            .first?["level"].natural(as: UInt64.self)
    }

    func operators() throws(PostgresError) -> [RegisterRows.Operator] {
        try connection.query("SELECT * FROM tally.operator")
            .map { row throws(PostgresError) in
                RegisterRows.Operator(
                    id: try row["operator_id"].id(),
                    publicKey: try row["public_key"].bytes(),
                    person: try row["person"].id(),
                    addedAt: try row["added_at"].time(),
                    endedAt: try row["ended_at"].optionalTime()
                )
            }
    }

    func owners() throws(PostgresError) -> [RegisterRows.Owner] {
        try rows(
            """
            SELECT *, array_to_string(actions, ',') AS action_list
            FROM tally.owner WHERE slot = $1
            """
        ).map { row throws(PostgresError) in
            RegisterRows.Owner(
                id: try row["owner_id"].id(),
                publicKey: try row["public_key"].bytes(),
                actions: try row["action_list"].text().split(separator: ",")
                    .compactMap { UInt8($0) },
                quorum: try row["quorum"].natural(as: Int.self),
                addedAt: try row["added_at"].time(),
                endedAt: try row["ended_at"].optionalTime()
            )
        }
    }

    func epochs() throws(PostgresError) -> [UInt64: UInt64] {
        var epochs: [UInt64: UInt64] = [:]
        for row in try connection.query("SELECT epoch, position FROM tally.epoch_receipt") {
            epochs[try row["epoch"].natural(as: UInt64.self)] =
                try row["position"].natural(as: UInt64.self)
        }
        return epochs
    }

    private func rows(_ statement: String) throws(PostgresError) -> Rows {
        try connection.query(statement, [.integer(slot)])
    }
}
