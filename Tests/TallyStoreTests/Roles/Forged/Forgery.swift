// What a stranger with the rights of tally_writer may try, one lie each, and what the append
// function must do about it.

import TallyCore
import TallyCrypto

/// One bent batch of two tenants, two events each.
struct Forgery: Sendable {
    /// What must come of it.
    enum Outcome: Sendable {
        /// The statement fails with this SQLSTATE.
        case raises(String)
        /// Every request of the first tenant gets one of these verdicts.
        case answers(Set<String>)
    }

    let name: String
    let outcome: Outcome
    let bend: @Sendable (inout RawBatch) -> Void

    init(
        _ name: String,
        _ outcome: Outcome = .raises("TL001"),
        _ bend: @escaping @Sendable (inout RawBatch) -> Void
    ) {
        self.name = name
        self.outcome = outcome
        self.bend = bend
    }

    static let all = ownEvents + parts + requests + heads + arrays

    /// Those that need no second tenant to be seen.
    static let ownEvents = leaves + excuses + times + columns

    /// Events that would excuse a missing part or give a permission, with the part that they need.
    private static let excuses: [Forgery] = [
        (EventKind.keysDestroyed, #"{"erasure":"0a","keys":[]}"#),
        (.partsPurged, #"{"destroyed":[2],"parts":[[1,0]]}"#),
        (.erasureStep, #"{"erasure":"0a","state":"final"}"#),
        (.readmitted, #"{"erasure":"0a"}"#), (.tenantErased, #"{"erasure":"0a"}"#),
        (.operatorAction, #"{"action":"refuse","reason":"x","target":"0a"}"#),
    ].map { kind, json in
        Forgery("a whole event of kind \(kind)") { batch in
            batch.events[1].leaf.kind = kind
            batch.setParts([[0] + Array(json.utf8)])
        }
    }

    private static let leaves: [Forgery] =
        EventKind.allCases.filter { !$0.isSealed }.map { kind in
            Forgery("kind \(kind)") { $0.events[1].bend = { $0[2] = kind.rawValue } }
        } + [
            Forgery("an unknown kind") { $0.events[1].bend = { $0[2] = 255 } },
            Forgery("another format version") { $0.events[1].bend = { $0[1] = 2 } },
            Forgery("another tenant's leaf") { $0.events[0].leaf.tenant = $0.heads[1].id },
            Forgery("a position too far") { $0.events[1].leaf.position += 1 },
            Forgery("a position before") { $0.events[1].leaf.position -= 1 },
            Forgery("a first leaf without predecessor") { $0.events[0].leaf.previous = .zero },
            Forgery("a second leaf that is not linked") {
                $0.events[1].leaf.previous = $0.heads[0].last
            },
            Forgery("something behind the leaf") { $0.events[1].bend = { $0.append(0) } },
            Forgery("a torn leaf") { $0.events[1].bend = { $0.removeLast(40) } },
            Forgery("an empty leaf") { $0.events[1].bend = { $0.removeAll() } },
        ]

    private static let times: [Forgery] = [
        Forgery("the head's own time") {
            $0.events[0].leaf.recordedAt = $0.heads[0].floor
        },
        Forgery("a time before the head's") {
            $0.events[0].leaf.recordedAt = 0
        },
        Forgery("a second event not later than the first") {
            $0.events[1].leaf.recordedAt = $0.events[0].leaf.recordedAt
        },
        Forgery("a minute ahead of the clock", .raises("TL002")) {
            $0.events[1].leaf.recordedAt += 60_000_000
        },
        Forgery("a time with the sign bit", .raises("TL002")) {
            $0.events[1].leaf.recordedAt = 1 << 63
        },
    ]

    private static let parts: [Forgery] =
        [
            Forgery("a digest of something else") { $0.events[1].leaf.partDigests[0] = .zero },
            Forgery("a digest too many") { $0.events[1].leaf.partDigests.append(.zero) },
            Forgery("a part too many") { $0.events[1].parts.append($0.events[0].parts[0]) },
            Forgery("the wrong number of digests") { $0.events[1].bend = { $0[83] = 2 } },
            Forgery("parts in another order") { batch in
                batch.setParts([[1] + SecureRandom.bytes(92), [1] + SecureRandom.bytes(92)])
                batch.events[1].parts.reverse()
            },
            Forgery("a clear part") { $0.setParts([[0] + SecureRandom.bytes(92)]) },
        ]
        + [0, 15, 16, 59, 60, 91, 93, 123, 125].map { count in
            Forgery("a part of \(1 + count) bytes") {
                $0.setParts([[1] + SecureRandom.bytes(count)])
            }
        } + [
            Forgery("33 parts") { batch in
                batch.setParts((0..<33).map { _ in [1] + SecureRandom.bytes(92) }, inLeaf: 32)
            },
            Forgery("a part of no event") { $0.replaced["p_events"] = "ARRAY[1, 0, 3, 4]" },
            Forgery("a part of an event that is not there") {
                $0.replaced["p_events"] = "ARRAY[1, 5, 3, 4]"
            },
            Forgery("more than 16 MiB and 64 KiB") { batch in
                batch.events[3].leaf.partDigests = [
                    SHA256.hash(Array(repeating: 1, count: 16_842_749))
                ]
                let small = batch.elements("p_bytes").dropLast().joined(separator: ",")
                batch.replaced["p_bytes"] =
                    "ARRAY[\(small), ('\\x' || repeat('01', 16842749))]::bytea[]"
            },
        ]

    private static let columns: [Forgery] = [
        Forgery("version 0") { $0.events[1].version = 0 },
        Forgery("a version below 0") { $0.events[1].version = -1 },
        Forgery("a version twice", .raises("23505")) {
            $0.events[1].stream = $0.events[0].stream
        },
        Forgery("a version beyond the tenant's events") {
            $0.events[1].version = $0.heads[0].size + 2
        },
        Forgery("the last version that there can be") { $0.events[1].version = Int(Int32.max) },
    ]

    private static let requests: [Forgery] = [
        Forgery("a request id twice", .raises("23505")) {
            $0.replaced["r_ids"] = "ARRAY['a', 'a', 'b', 'c']"
        },
        Forgery("a request without events") { $0.replaced["r_counts"] = "ARRAY[2, 0, 1, 1]" },
        Forgery("a request of less than no event") {
            $0.replaced["r_counts"] = "ARRAY[2, -1, 1, 1]"
        },
        Forgery("more events than there are") { $0.replaced["r_counts"] = "ARRAY[1, 1, 1, 2]" },
        Forgery("less events than there are") {
            $0.replaced["r_counts"] = "ARRAY[1, 1, 1]"
            $0.replaced["r_ids"] = "ARRAY['a', 'b', 'c']"
        },
        Forgery("a request of no tenant") { $0.replaced["r_tenants"] = "ARRAY[1, 1, 2, 3]" },
        Forgery("a request of tenant 0") { $0.replaced["r_tenants"] = "ARRAY[0, 1, 2, 2]" },
        Forgery("tenants interleaved") { $0.replaced["r_tenants"] = "ARRAY[1, 2, 1, 2]" },
        Forgery("tenants in falling order") { $0.replaced["r_tenants"] = "ARRAY[2, 2, 1, 1]" },
    ]

    private static let heads: [Forgery] = [
        Forgery("the other tenant's predecessor") {
            $0.events[2].leaf.previous = SHA256.hash([0] + $0.events[1].leafBytes)
        },
        Forgery("another size", .answers(["conflict"])) { $0.heads[0].size += 1 },
        Forgery("another last leaf", .answers(["conflict"])) { $0.heads[0].last = .zero },
        Forgery("the ledger's own log", .raises("TL008")) {
            $0.replaced["t_ids"] = """
                ARRAY[(SELECT tenant_id FROM tally.tenant WHERE slot = 0), '\($0.heads[1].id.hex)']
                """
        },
        Forgery("a tenant that is not there", .answers(["unknown_tenant"])) {
            $0.heads[0].id = .random()
        },
    ]

    /// Each array missing, empty, of another length, with a NULL, and of another shape.
    private static let arrays: [Forgery] = RawBatch.parameters.flatMap { name, type in
        let shapes: [(String, @Sendable ([String]) -> String)] = [
            ("without", { _ in "NULL::\(type)[]" }),
            ("an empty", { _ in "'{}'::\(type)[]" }),
            ("a shorter", { array($0.dropLast(), type) }),
            ("a longer", { array($0 + [$0[0]], type) }),
            ("a NULL in", { array(["NULL"] + $0.dropFirst(), type) }),
            ("a NULL behind", { array($0 + ["NULL"], type) }),
            ("two dimensions of", { "ARRAY[\(array($0, type))]" }),
            ("another lower bound of", { RawBatch.shifted($0, type) }),
        ]
        return shapes.map { shape, sql in
            Forgery("\(shape) \(name)") { $0.replaced[name] = sql($0.elements(name)) }
        }
    }

    private static func array(_ elements: some Sequence<String>, _ type: String) -> String {
        "ARRAY[\(elements.joined(separator: ","))]::\(type)[]"
    }
}

extension RawBatch {
    /// Gives the first tenant's last event other parts, and a leaf with digests of the first few.
    fileprivate mutating func setParts(_ parts: [[UInt8]], inLeaf count: Int = 32) {
        events[1].parts = parts
        events[1].leaf.partDigests = parts.prefix(count).map { SHA256.hash($0) }
    }
}
