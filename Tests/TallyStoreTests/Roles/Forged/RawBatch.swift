// A batch as a stranger with the rights of tally_writer would send it: SQL text, every array and
// every byte of which a test can bend.

import TallyCore
import TallyCrypto
import TallyPostgres

/// One event of a raw batch.
struct RawEvent {
    /// The ordinal of its tenant in the batch, from 1.
    var tenant: Int
    var leaf: Leaf
    var stream: BlindTag = .random()
    var version = 1
    var parts: [[UInt8]]
    /// Bends the leaf's bytes after all fields are in place.
    var bend: (inout [UInt8]) -> Void = { _ in }

    var leafBytes: [UInt8] {
        var bytes = leaf.encoded()
        bend(&bytes)
        return bytes
    }
}

/// How a batch is appended.
enum AppendForm: CaseIterable {
    case plain, whole, judged, perTenant

    /// Whether it gives a verdict for each request; the others store all or raise.
    var isJudging: Bool { self == .judged || self == .perTenant }

    fileprivate var function: String {
        switch self {
        case .plain: "append_plain"
        case .whole: "append_batch"
        case .judged: "append_judged"
        case .perTenant: "append_tenant"
        }
    }
}

/// The parameters of the append functions, from events; one request an event.
struct RawBatch {
    typealias Head = (id: TenantID, slot: Int, size: Int, last: Digest, floor: UInt64)

    /// The parameters' names and element types, in order; the plain form has the first twelve, the
    /// whole one all but the last.
    static let parameters = [
        ("t_slots", "int"), ("t_ids", "uuid"), ("t_sizes", "bigint"), ("t_lasts", "bytea"),
        ("t_floors", "bigint"), ("t_firsts", "int"), ("e_tenants", "int"), ("e_ids", "uuid"),
        ("e_streams", "uuid"), ("e_versions", "int"), ("e_leaves", "bytea"), ("e_parts", "bytea"),
        ("x_events", "int"), ("x_parts", "bytea"), ("r_firsts", "int"),
    ]

    var heads: [Head]
    var events: [RawEvent]
    /// SQL that stands for a parameter instead of the one made of the events.
    var replaced: [String: String] = [:]

    /// A batch that the function must accept: `count` linked events for each tenant.
    init(_ tenants: [TenantID], count: Int, on connection: Connection) throws {
        heads = try tenants.map { try Self.head($0, connection) }
        events = []
        for (number, head) in heads.enumerated() {
            var next = head
            for _ in 0..<count { events.append(Self.event(number + 1, &next)) }
        }
    }

    private static func head(_ tenant: TenantID, _ connection: Connection) throws -> Head {
        let rows = try connection.query(
            """
            SELECT slot, size, last_leaf_hash, greatest(recorded_at, closed_through)
            FROM tally.head WHERE tenant_id = $1
            """,
            [.uuid(tenant.bytes)]
        )
        return (
            tenant, Int(try rows.integer(0, 0)), Int(try rows.integer(0, 1)),
            Digest(try rows.bytes(0, 2)) ?? .zero, UInt64(try rows.integer(0, 3))
        )
    }

    /// An event that fits onto a head, which moves past it.
    static func event(_ tenant: Int, _ head: inout Head) -> RawEvent {
        let part = [1] + SecureRandom.bytes(92)
        let leaf = Leaf(
            kind: .recorded,
            tenant: head.id,
            position: UInt64(head.size),
            recordedAt: head.floor + 1,
            eventID: .random(),
            previous: head.last,
            partDigests: [SHA256.hash(part)]
        )
        head.size += 1
        head.floor += 1
        head.last = SHA256.hash([0] + leaf.encoded())
        return RawEvent(tenant: tenant, leaf: leaf, parts: [part])
    }

    /// The call in one of its forms, which gives a verdict for each request or one for all.
    func statement(_ form: AppendForm) -> String {
        var names = Self.parameters
        if form == .plain { names = Array(names.prefix(12)) }
        if form == .whole { names.removeLast() }
        var values = names.map { name, type in
            replaced[name] ?? "ARRAY[\(elements(name).joined(separator: ","))]::\(type)[]"
        }
        if form == .perTenant { values[0] = "\(heads[0].slot)" }
        let call = "tally.\(form.function)(\(values.joined(separator: ", ")))"
        return form.isJudging ? "SELECT verdict FROM \(call)" : "SELECT 'stored' FROM \(call)"
    }

    /// The SQL of a parameter's elements.
    func elements(_ name: String) -> [String] {
        switch name {
        case "t_slots": heads.map { "\($0.slot)" }
        case "t_ids": heads.map(\.id.sql)
        case "t_sizes": heads.map { "\($0.size)" }
        case "t_lasts": heads.map { Self.sql($0.last.bytes) }
        case "t_floors": heads.map { "\($0.floor)" }
        case "t_firsts": firsts.map { "\($0)" }
        case "e_tenants": events.map { "\($0.tenant)" }
        case "e_ids": events.map(\.leaf.eventID.sql)
        case "e_streams": events.map(\.stream.sql)
        case "e_versions": events.map { "\($0.version)" }
        case "e_leaves": events.map { Self.sql($0.leafBytes) }
        case "e_parts": events.map { Self.sql($0.parts[0]) }
        case "x_events": further.map { "\($0.event)" }
        case "x_parts": further.map { Self.sql($0.bytes) }
        default: (1...max(events.count, 1)).map { "\($0)" }
        }
    }

    /// The number of each tenant's first event, and the end.
    private var firsts: [Int] {
        heads.indices.map { head in
            1 + events.count { $0.tenant <= head }
        } + [events.count + 1]
    }

    /// An array whose first element has the subscript 0, not 1.
    static func shifted(_ elements: [String], _ type: String) -> String {
        let quoted = elements.map {
            "\"\($0.filter { $0 != "'" }.replacing("\\", with: "\\\\"))\""
        }
        return "'[0:\(elements.count - 1)]={\(quoted.joined(separator: ","))}'::\(type)[]"
    }

    private var further: [(event: Int, bytes: [UInt8])] {
        events.enumerated().flatMap { number, event in
            event.parts.dropFirst().map { (number + 1, $0) }
        }
    }

    private static func sql(_ bytes: [UInt8]) -> String { "'\\x\(Hex.encode(bytes))'" }
}

extension Identifier {
    /// The id as a quoted SQL literal.
    fileprivate var sql: String { "'\(hex)'" }
}
