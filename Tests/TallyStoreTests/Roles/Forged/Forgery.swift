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

    /// What a form of the append must have to be told the lie.
    enum Need: Sendable {
        case nothing, further, requests

        func isMet(by form: AppendForm) -> Bool {
            switch self {
            case .nothing: true
            case .further: form != .plain
            case .requests: form.isJudging
            }
        }
    }

    let name: String
    /// Of the forms that judge; the others refuse.
    let outcome: Outcome
    let need: Need
    let bend: @Sendable (inout RawBatch) -> Void

    init(
        _ name: String,
        _ outcome: Outcome = .raises("TL001"),
        needs need: Need = .nothing,
        _ bend: @escaping @Sendable (inout RawBatch) -> Void
    ) {
        self.name = name
        self.outcome = outcome
        self.need = need
        self.bend = bend
    }

    static let all = ownEvents + parts + tenants + heads + arrays

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
            Forgery("a part too many", needs: .further) {
                $0.events[1].parts.append($0.events[0].parts[0])
            },
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
            Forgery("a part of no event", needs: .further) {
                $0.replaced["x_events"] = "ARRAY[0]"
                $0.replaced["x_parts"] = "ARRAY['\\x00'::bytea]"
            },
            Forgery("a part of an event that is not there", needs: .further) {
                $0.replaced["x_events"] = "ARRAY[5]"
                $0.replaced["x_parts"] = "ARRAY['\\x00'::bytea]"
            },
            Forgery("more than 16 MiB and 64 KiB") { batch in
                batch.events[3].leaf.partDigests = [
                    SHA256.hash(Array(repeating: 1, count: 16_842_749))
                ]
                let small = batch.elements("e_parts").dropLast().joined(separator: ",")
                batch.replaced["e_parts"] =
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

    private static let tenants: [Forgery] = [
        Forgery("an event of no tenant") { $0.replaced["e_tenants"] = "ARRAY[1, 1, 2, 3]" },
        Forgery("an event of tenant 0") { $0.replaced["e_tenants"] = "ARRAY[0, 1, 2, 2]" },
        Forgery("tenants interleaved") { $0.replaced["e_tenants"] = "ARRAY[1, 2, 1, 2]" },
        Forgery("tenants in falling order") { $0.replaced["e_tenants"] = "ARRAY[2, 2, 1, 1]" },
        Forgery("a tenant without events") { $0.replaced["t_firsts"] = "ARRAY[1, 1, 5]" },
        Forgery("a tenant with another's event") { $0.replaced["t_firsts"] = "ARRAY[1, 4, 5]" },
        Forgery("a tenant that begins before the first event") {
            $0.replaced["t_firsts"] = "ARRAY[0, 3, 5]"
        },
        Forgery("events behind the end") { $0.replaced["t_firsts"] = "ARRAY[1, 3, 4]" },
        Forgery("an end behind the events") { $0.replaced["t_firsts"] = "ARRAY[1, 3, 6]" },
        Forgery("requests out of order", needs: .requests) {
            $0.replaced["r_firsts"] = "ARRAY[1, 3, 2, 4]"
        },
        Forgery("a request twice", needs: .requests) {
            $0.replaced["r_firsts"] = "ARRAY[1, 2, 2, 4]"
        },
        Forgery("a request behind the events", needs: .requests) {
            $0.replaced["r_firsts"] = "ARRAY[1, 2, 3, 5]"
        },
    ]

    private static let heads: [Forgery] = [
        Forgery("the other tenant's predecessor") {
            $0.events[2].leaf.previous = SHA256.hash([0] + $0.events[1].leafBytes)
        },
        Forgery("another size", .answers(["conflict"])) { $0.heads[0].size += 1 },
        Forgery("another last leaf", .answers(["conflict"])) { $0.heads[0].last = .zero },
        Forgery("another time", .answers(["conflict"])) { $0.heads[0].floor += 1 },
        Forgery("the ledger's own log", .raises("TL008")) {
            $0.replaced["t_slots"] = "ARRAY[0, \($0.heads[1].slot)]"
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
        let need: Forgery.Need =
            name == "r_firsts" ? .requests : name.hasPrefix("x_") ? .further : .nothing
        // Fewer requests than events are no lie: some have several.
        return shapes.filter { name != "r_firsts" || $0.0 != "a shorter" }.map { shape, sql in
            Forgery("\(shape) \(name)", needs: need) { batch in
                if need == .further { batch.addPart() }
                batch.replaced[name] = sql(batch.elements(name))
            }
        }
    }

    private static func array(_ elements: some Sequence<String>, _ type: String) -> String {
        "ARRAY[\(elements.joined(separator: ","))]::\(type)[]"
    }
}

extension RawBatch {
    /// Gives the last event a second part, as its leaf says.
    fileprivate mutating func addPart() {
        events[3].parts.append([1] + SecureRandom.bytes(92))
        events[3].leaf.partDigests = events[3].parts.map { SHA256.hash($0) }
    }

    /// Gives the first tenant's last event other parts, and a leaf with digests of the first few.
    fileprivate mutating func setParts(_ parts: [[UInt8]], inLeaf count: Int = 32) {
        events[1].parts = parts
        events[1].leaf.partDigests = parts.prefix(count).map { SHA256.hash($0) }
    }
}
