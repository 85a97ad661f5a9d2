// Erasures as somebody with the rights of tally_operator and tally_executor could carry them out by
// hand, call by call, in a ledger where one person decides alone.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick

/// A tenant with three events of one part, a fourth of two, and the keys that they lie under.
///
/// It is the first of its ledger, so in slot 1.
struct RawErasures {
    let tenant: TenantID
    /// The key ids of the parts at positions 1, 2 and 3, then of both parts at position 4.
    let keys: [[UInt8]]
    /// A connection with the rights of tally_operator.
    let operators: Connection
    /// A connection with the rights of tally_executor.
    let executors: Connection

    /// Writes the events into a tenant of the running test's ledger.
    init(_ name: String) async throws {
        tenant = try await Database.tenant(name)
        let writer = try TestLedger.current.connection(role: "tally_writer")
        var batch = try RawBatch([tenant], count: 4, on: writer)
        batch.events[3].parts.append([1] + SecureRandom.bytes(92))
        batch.events[3].leaf.partDigests = batch.events[3].parts.map { SHA256.hash($0) }
        _ = try writer.texts(batch.statement(.whole))
        keys = batch.events.flatMap(\.parts).map { Array($0[1..<33]) }
        operators = try TestLedger.current.connection(role: "tally_operator")
        executors = try TestLedger.current.connection(role: "tally_executor")
    }

    /// Opens an erasure of a subject, or with the tag of zeros of the whole tenant.
    func open(subject tag: BlindTag) throws -> String {
        let id = DecisionID.random().hex
        let isWhole = tag.bytes.allSatisfy { $0 == 0 }
        let action = isWhole ? 4 : 3
        let plan = """
            {"action":\(action),"classes":["*"],"ground":"x","request":"\(id)",\
            "subject_tag":"\(Hex.encode(tag.bytes))","tenant":"\(tenant.hex)"}
            """
        let state = try operators.query(
            "SELECT tally.open_request(1, $1, $2, $3, 0, $4, NULL, NULL)",
            [
                .uuid(Hex.decode(id) ?? []), .integer(Int32(action)),
                .bytea(Array(plan.utf8)), .uuid(OperatorID.zero.bytes),
            ]
        ).text(0, 0)
        precondition(state == "approved")
        return id
    }

    /// Fences an erasure's keys.
    func fence(_ id: String, _ keys: [[UInt8]]) throws {
        let list = keys.map { "'\\x\(Hex.encode($0))'" }.joined(separator: ",")
        _ = try executors.query("SELECT tally.fence_erasure(1, '\(id)', ARRAY[\(list)]::bytea[])")
    }

    /// Records that the fenced keys are destroyed.
    func destroy(_ id: String) throws {
        _ = try executors.query("SELECT tally.record_destruction(1, '\(id)', 1)")
    }

    /// The calls that take positions, as statements.
    static func list(_ id: String) -> String {
        "SELECT tally.list_parts(1, '\(id)', ARRAY[0, 1, 2, 3, 4])"
    }

    static func purge(_ id: String) -> String {
        "SELECT purged FROM tally.purge_parts(1, '\(id)', ARRAY[0, 1, 2, 3, 4])"
    }

    /// The lengths of the parts of each event up to position 4.
    func lengths() throws -> [[Int]] {
        let rows = try Database.superuser().query(
            "SELECT body FROM tally.event WHERE slot = 1 AND position <= 4 ORDER BY position"
        )
        return try (0..<rows.count).map { row in
            var body = try rows.bytes(row, 0)[...]
            var lengths: [Int] = []
            while !body.isEmpty {
                lengths.append(body.prefix(4).reduce(0) { $0 << 8 | Int($1) })
                body = body.dropFirst(4 + (lengths.last ?? 0))
            }
            return lengths
        }
    }
}

extension BlindTag {
    /// The tag of zeros: a whole tenant.
    static let whole = BlindTag([UInt8](repeating: 0, count: 16))
}
