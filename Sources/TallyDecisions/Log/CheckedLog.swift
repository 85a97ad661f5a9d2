// One log, checked link by link from its genesis event on, and what it says was decided. What was
// checked once is not read again.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore

/// A log as far as it has been checked.
struct CheckedLog: Sendable {
    /// How many leaves one statement reads.
    private static let page: Int32 = 10_000

    private(set) var fold: DecisionFold
    private var leaves = LeafIndex()
    /// How many events have been checked.
    private(set) var next: UInt64 = 0
    private var previous: Digest
    private var recordedAt: UInt64 = 0

    /// Begins before the genesis event of a tenant.
    init(ledger: LedgerID, tenant: TenantID, slot: UInt32, operators: KnownOperators?) {
        previous = Leaf.genesisPrevious(ledger: ledger, tenant: tenant, slot: slot)
        fold =
            operators.map { DecisionFold(ledger: ledger, tenant: tenant, operators: $0) }
            ?? DecisionFold(ledger: ledger, ownTenant: tenant)
    }

    /// Reads on to the head; within one snapshot.
    ///
    /// - Throws: `altered` where the log is not one chain up to the head.
    mutating func advance(
        to head: TenantRow,
        _ operators: KnownOperators?,
        _ connection: Connection
    ) throws {
        if let operators { fold.operators = operators }
        var hash = SHA256()
        while next < head.size {
            let rows = try connection.query(
                "SELECT event_position, event_leaf, event_clear FROM tally.read_leaves($1, $2, $3)",
                [
                    .integer(Int32(clamping: head.slot)), .bigint(Int64(clamping: next)),
                    .integer(Self.page),
                ]
            )
            guard !rows.isEmpty else { throw Self.broken(at: next) }
            for row in rows where next < head.size {
                try take(
                    position: row["event_position"].integer(),
                    row["event_leaf"].bytes(),
                    row["event_clear"].optionalBytes(),
                    with: &hash
                )
            }
        }
        guard next == head.size, previous == head.lastLeafHash, recordedAt == head.recordedAt else {
            throw Self.broken(at: next)
        }
    }

    private mutating func take(
        position: Int64,
        _ bytes: [UInt8],
        _ body: [UInt8]?,
        with hash: inout SHA256
    ) throws {
        guard position == next, let leaf = try? Leaf(decoding: bytes), leaf.tenant == fold.tenant,
            leaf.position == next, leaf.previous == previous, leaf.recordedAt > recordedAt
        else { throw Self.broken(at: next) }
        previous = Leaf.hash(bytes, with: &hash)
        recordedAt = leaf.recordedAt
        leaves.append(previous)
        if !leaf.kind.isSealed { try follow(bytes, body ?? []) }
        next += 1
    }

    private mutating func follow(_ leaf: [UInt8], _ body: [UInt8]) throws {
        let row = StoredEvent(
            position: Int(clamping: next),
            stream: nil,
            version: nil,
            leaf: leaf,
            body: body
        )
        guard let fact = ClearFact(row) else { throw Self.broken(at: next) }
        if fact.isSigned { leaves.index() }
        _ = fold.add(fact, seen: leaves)
    }

    private static func broken(at position: UInt64) -> Problem {
        Problem(
            .alteredRegister,
            "the log is not one chain up to its head: event \(position) is not as it was written",
            hint:
                "nothing is decided from it: run \(.verify), and keep a copy of everything as it is"
        )
    }
}
