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

/// The twelve parameters of tally.append_lane, from events; one request an event.
struct RawBatch {
    typealias Head = (id: TenantID, size: Int, last: Digest, floor: UInt64)

    /// The parameters' names and element types, in order.
    static let parameters = [
        ("t_ids", "uuid"), ("t_sizes", "bigint"), ("t_lasts", "bytea"), ("r_tenants", "int"),
        ("r_ids", "text"), ("r_digests", "bytea"), ("r_counts", "int"), ("e_streams", "uuid"),
        ("e_versions", "int"), ("e_leaves", "bytea"), ("p_events", "int"), ("p_bytes", "bytea"),
    ]

    private let nonce = EventID.random().hex
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
            "SELECT size, last_leaf_hash, recorded_at FROM tally.head WHERE tenant_id = $1",
            [.uuid(tenant.bytes)]
        )
        return (
            tenant, Int(try rows.integer(0, 0)), Digest(try rows.bytes(0, 1)) ?? .zero,
            UInt64(try rows.integer(0, 2))
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

    /// The call of append_lane, or of append_tenant for the first tenant.
    func statement(perTenant: Bool) -> String {
        let values = Self.parameters.map { name, type in
            replaced[name] ?? "ARRAY[\(elements(name).joined(separator: ","))]::\(type)[]"
        }
        guard perTenant else { return Self.call("append_lane", values) }
        return Self.call("append_tenant", ["\(heads[0].id.sql)::uuid"] + values.dropFirst())
    }

    private static func call(_ function: String, _ values: [String]) -> String {
        "SELECT verdict FROM tally.\(function)(\(values.joined(separator: ", ")))"
    }

    /// The SQL of a parameter's elements.
    func elements(_ name: String) -> [String] {
        switch name {
        case "t_ids": heads.map(\.id.sql)
        case "t_sizes": heads.map { "\($0.size)" }
        case "t_lasts": heads.map { Self.sql($0.last.bytes) }
        case "r_tenants": events.map { "\($0.tenant)" }
        case "r_ids": events.indices.map { "'\(nonce) \($0)'" }
        case "r_digests": events.map { _ in Self.sql(Digest.zero.bytes) }
        case "r_counts": events.map { _ in "1" }
        case "e_streams": events.map(\.stream.sql)
        case "e_versions": events.map { "\($0.version)" }
        case "e_leaves": events.map { Self.sql($0.leafBytes) }
        case "p_events": parts.map { "\($0.event)" }
        default: parts.map { Self.sql($0.bytes) }
        }
    }

    /// An array whose first element has the subscript 0, not 1.
    static func shifted(_ elements: [String], _ type: String) -> String {
        let quoted = elements.map {
            "\"\($0.filter { $0 != "'" }.replacing("\\", with: "\\\\"))\""
        }
        return "'[0:\(elements.count - 1)]={\(quoted.joined(separator: ","))}'::\(type)[]"
    }

    private var parts: [(event: Int, bytes: [UInt8])] {
        events.enumerated().flatMap { number, event in event.parts.map { (number + 1, $0) } }
    }

    private static func sql(_ bytes: [UInt8]) -> String { "'\\x\(Hex.encode(bytes))'" }
}

extension Identifier {
    /// The id as a quoted SQL literal.
    fileprivate var sql: String { "'\(hex)'" }
}
