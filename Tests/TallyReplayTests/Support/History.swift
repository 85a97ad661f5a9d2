// Random histories: what is appended, and what the documents must be at every position, kept by
// hand.

import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Tallystick

@testable import TallyStore

/// A tenant's log and its documents at every position.
struct History {
    /// A document by hand with its stream's version.
    struct Entry: Equatable {
        var version: Int
        var document: NaiveDocument?
    }

    /// The streams of events so far, by name, before each position.
    private(set) var states: [[String: Entry]] = []
    /// What was appended, by position; `nil` for the ledger's own events.
    private(set) var events: [NewEvent?] = []
    private var versions: [String: [NaiveDocument?]] = [:]
    private var reverts: [String: Set<Int>] = [:]

    private static let streams = [
        "crm/contact/1", "crm/contact/2", "crm/company/é", "billing/invoice/2041", "alone",
        "crm/contact/1/note/7",
    ]
    private static let subjects = ["person:1", "person:2", "person:3#billing", "Ilze \"x\""]

    /// Begins behind the genesis event.
    init() {
        events = [nil]
        states = [[:], [:]]
    }

    /// The number of events.
    var size: Int { events.count }

    /// The documents after the first `size` events, by stream.
    func documents(_ size: Int) -> [String: Entry] {
        states[size].filter { $0.value.document != nil }
    }

    /// Appends a random event, as one request.
    mutating func append(to tenant: Tenant, _ random: inout SeededRandom) async throws {
        let stream = Self.streams.randomElement(using: &random) ?? "alone"
        let known = versions[stream] ?? [nil]
        let event: NewEvent
        var target: Int?
        switch Int.random(in: 0..<12, using: &random) {
        case 0: event = .note(stream, type: "noted", data: "{}")
        case 1: event = .delete(stream, type: "deleted")
        case 2, 3:
            let targets = known.indices.filter { !(reverts[stream]?.contains($0) ?? false) }
            target = targets.randomElement(using: &random)
            event = Self.revert(stream, to: target ?? 0)
        case 4, 5: event = Self.change(.put, stream, &random)
        default: event = Self.change(.patch, stream, &random)
        }
        try await Self.store(event, tenant)
        try note(event, target: target)
    }

    private mutating func note(_ event: NewEvent, target: Int?) throws {
        var known = versions[event.stream] ?? [nil]
        let before = known[known.count - 1]
        let after =
            if let target { known[target] } else {
                NaiveDocument.after(
                    event.operation,
                    data: try event.data.map { try JSONReader.parse($0) },
                    personal: try event.personal.mapValues { try JSONReader.parse($0) },
                    before: before
                )
            }
        if target != nil { reverts[event.stream, default: []].insert(known.count) }
        known.append(after)
        versions[event.stream] = known
        var state = states[states.count - 1]
        state[event.stream] = Entry(version: known.count - 1, document: after)
        states.append(state)
        events.append(event)
    }

    private static func change(
        _ operation: EventOperation,
        _ stream: String,
        _ random: inout SeededRandom
    ) -> NewEvent {
        var personal: Sections<[UInt8]> = [:]
        for subject in subjects where random.happens(oneIn: 3) {
            // A patch removes a section so, a put stores it.
            personal[subject] = random.happens(oneIn: 5) ? Array("null".utf8) : json(&random)
        }
        if random.happens(oneIn: 20) {
            for number in 0..<31 - personal.count { personal["p\(number)"] = json(&random) }
        }
        var event = NewEvent(
            operation,
            stream: stream,
            type: ["created", "contact.updated", "contact.moved"].randomElement(using: &random)
                ?? "",
            data: json(&random),
            personal: personal
        )
        event.actor = ["user:1", "user:2", ""].randomElement(using: &random) ?? ""
        return event
    }

    private static func json(_ random: inout SeededRandom) -> [UInt8] {
        let values = [
            "null", "1", "12345678901234567890.10", "1e400", "0.10", "\"é\"", "\"\\u00e9\"",
            "[1,null]",
            "{\"a\":{\"b\":null,\"c\":1}}", "{}",
            "\"" + String(repeating: "long ", count: 200) + "\"",
        ]
        let keys = ["a", "b", "é", "e\u{301}", "", "nested"]
        let members = keys.filter { _ in random.happens(oneIn: 2) }.map { key in
            let value = values.randomElement(using: &random) ?? "0"
            return "\"\(key)\": \(key == "nested" ? "{\"deep\":\(value)}" : value)"
        }
        return Array("{ \(members.joined(separator: " , ")) }".utf8)
    }

    private static func revert(_ stream: String, to version: Int) -> NewEvent {
        let data = withUnsafeBytes(of: UInt64(version).bigEndian) { [UInt8]($0) }
        return NewEvent(.revert, stream: stream, type: "restored", data: data)
    }

    /// Stores an event; a revert as a restore will do it, for callers may not.
    private static func store(_ event: NewEvent, _ tenant: Tenant) async throws {
        guard event.operation == .revert else {
            _ = try await tenant.append([event])
            return
        }
        let vault = tenant.ledger.vault
        let index = try await vault.indexKey(tenant.id)
        let draft = RequestDraft([EventDraft(event, sections: [])])
        let sealed = try draft.events[0].seal(
            as: draft.id.eventID(0, under: index),
            ledger: vault.ledger,
            tenant: tenant.id,
            index: index,
            keys: [try await vault.dataKey(tenant.id)]
        )
        let request = SealedRequest(tenant: tenant.id, draft: draft, events: [sealed])
        _ = try await tenant.ledger.lanes().append(request)
    }
}

extension Document {
    /// The document in the form that histories keep.
    func naive() throws -> NaiveDocument {
        NaiveDocument(
            data: try JSONReader.parse(Array(data.utf8)),
            personal: try personal.mapValues { try JSONReader.parse(Array($0.utf8)) }
        )
    }
}
