// A key epoch as the key store knows it: which KEK wraps the tenants' keys, and since when.

public import TallyCore
internal import TallyPostgres

/// The state of a key epoch (names of NIST SP 800-57, part 1).
public enum KeyEpochState: String, Sendable {
    /// It is recorded, and a rotation takes the tenants over to it.
    case preActive = "pre-active"
    /// New tenants' keys are wrapped under it; there is one at most.
    case active
    /// Nothing is wrapped under it any more; its KEK lives until its retention has passed.
    case deactivated
    /// Its KEK is gone, and with it every copy of what was wrapped under it.
    case destroyed
}

/// One key epoch: a time during which tenants' keys are wrapped under one KEK.
public struct KeyEpoch: Sendable, Equatable {
    /// Its number, from 1.
    public let number: UInt64
    /// Where its KEK is or was.
    public let provider: String
    /// What has become of its KEK (NIST SP 800-57).
    public let state: KeyEpochState
    /// When it began.
    public let createdAt: Instant
    package let deactivatedAt: Instant?
    /// What the provider said when it destroyed the KEK.
    package let receipt: DestructionReceipt?
    /// Whether the ledger's own log says that it was destroyed.
    public let isRecorded: Bool

    /// When its KEK was destroyed.
    public var destroyedAt: Instant? { receipt.map { Instant(micros: $0.destroyedAt) } }
    /// What the destruction is worth on the provider's medium.
    public var assurance: String? { receipt?.assurance }
}

extension KeyStore {
    static func epochs(_ connection: Connection, ledger: LedgerID) throws -> [KeyEpoch] {
        let rows = try connection.query(
            """
            SELECT epoch, provider, state, created_at, deactivated_at, destroyed_at, assurance,
                is_recorded
            FROM tally_keys.read_epochs($1)
            """,
            [.uuid(ledger.bytes)]
        )
        return try rows.map { try epoch($0) }
    }

    private static func epoch(_ row: Row) throws -> KeyEpoch {
        let number = try row["epoch"].natural(as: UInt64.self)
        let provider = try row["provider"].text()
        guard let state = KeyEpochState(rawValue: try row["state"].text()) else {
            throw VaultError(.damagedKey, "key epoch \(number) is in no known state")
        }
        return KeyEpoch(
            number: number,
            provider: provider,
            state: state,
            createdAt: try row["created_at"].instant(),
            deactivatedAt: try row["deactivated_at"].optionalInstant(),
            receipt: try row["destroyed_at"].optionalTime().map { destroyedAt in
                DestructionReceipt(
                    provider: provider,
                    epoch: number,
                    destroyedAt: destroyedAt,
                    assurance: try row["assurance"].text()
                )
            },
            isRecorded: try row["is_recorded"].bool()
        )
    }

    static func openEpoch(
        _ connection: Connection,
        ledger: LedgerID,
        epoch: UInt64,
        provider: String
    ) throws {
        _ = try connection.query(
            "SELECT tally_keys.open_epoch($1, $2, $3, $4)",
            [
                .uuid(ledger.bytes), .bigint(Int64(clamping: epoch)), .text(provider),
                .bigint(Int64(clamping: Micros.now())),
            ]
        )
    }

    /// Makes an epoch the active one; `false` while a wrap needs an older one.
    static func switchEpoch(
        _ connection: Connection,
        ledger: LedgerID,
        epoch: UInt64
    ) throws -> Bool {
        try connection.query(
            "SELECT tally_keys.switch_epoch($1, $2, $3)",
            [
                .uuid(ledger.bytes), .bigint(Int64(clamping: epoch)),
                .bigint(Int64(clamping: Micros.now())),
            ]
        ).bool(0, 0)
    }

    static func endEpoch(
        _ connection: Connection,
        ledger: LedgerID,
        _ receipt: DestructionReceipt
    ) throws {
        _ = try connection.query(
            "SELECT tally_keys.end_epoch($1, $2, $3, $4)",
            [
                .uuid(ledger.bytes), .bigint(Int64(clamping: receipt.epoch)),
                .bigint(Int64(clamping: receipt.destroyedAt)), .text(receipt.assurance),
            ]
        )
    }

    static func noteRecorded(_ connection: Connection, ledger: LedgerID, epoch: UInt64) throws {
        _ = try connection.query(
            "SELECT tally_keys.note_recorded($1, $2)",
            [.uuid(ledger.bytes), .bigint(Int64(clamping: epoch))]
        )
    }
}

extension Vault {
    /// All epochs, oldest first.
    package func epochs() async throws(VaultError) -> [KeyEpoch] {
        let ledger = ledger
        return try await store.run { try KeyStore.epochs($0, ledger: ledger) }
    }

    /// The epoch that new keys are wrapped under; `nil` before the first one.
    package func currentEpoch() async throws(VaultError) -> UInt64? {
        try await epochs().last { $0.state == .active }?.number
    }

    /// Records an epoch and makes its KEK; harmless when repeated.
    ///
    /// New tenants are not wrapped under it before ``switchEpoch(_:)``.
    /// - Throws: `foreignKEK` when a KEK was there before the epoch was recorded.
    func openEpoch(_ epoch: UInt64) async throws(VaultError) {
        let (ledger, name) = (ledger, provider.name)
        // In this order: who records it in between makes its KEK afterwards.
        let isTaken = try await provider.state(epoch: epoch) == .active
        if isTaken, try await !epochs().contains(where: { $0.number == epoch }) {
            throw VaultError(
                .foreignKEK,
                "a KEK of epoch \(epoch) is there, of which the key store knows nothing",
                hint:
                    "if the key store is an older copy, \(.restoreKeys); otherwise find out "
                    + "whose "
                    + "it is, and move it away"
            )
        }
        try await store.run {
            try KeyStore.openEpoch($0, ledger: ledger, epoch: epoch, provider: name)
        }
        try await provider.create(epoch: epoch)
    }

    /// Lets keys be wrapped under an epoch, and ends those before it; `false`, and nothing is
    /// changed, while a wrap needs one of them.
    func switchEpoch(_ epoch: UInt64) async throws(VaultError) -> Bool {
        let ledger = ledger
        return try await store.run { connection in
            try connection.transaction {
                try KeyStore.switchEpoch(connection, ledger: ledger, epoch: epoch)
            }
        }
    }

    /// Notes that the ledger's own log has an epoch's receipt.
    package func noteRecorded(_ epoch: UInt64) async throws(VaultError) {
        let ledger = ledger
        try await store.run { try KeyStore.noteRecorded($0, ledger: ledger, epoch: epoch) }
    }
}
