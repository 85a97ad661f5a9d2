// The one query language: what filters a list, a page, a tail and an export alike.

package import TallyCore
package import TallyStore

/// A filter over a tenant's events.
///
/// `actor:user:17 type:invoice.* since:2026-11-01`: different keys must all hold, of one key any
/// value. A value may stand in double quotes; `type`, `stream` and `collection` take a trailing
/// `*`. `kind:erasureStep` asks for events of the ledger's own, `-kind:erasureStep` leaves them
/// out.
package struct Query: Sendable, Equatable {
    /// What a term can look at.
    package enum Key: String, Sendable, CaseIterable {
        case actor, type, stream, subject, collection

        /// Whether its values may end in `*`.
        var takesWildcard: Bool { [.type, .stream, .collection].contains(self) }
    }

    /// A value, or the beginning of one.
    package struct Pattern: Sendable {
        package let text: String
        package let isPrefix: Bool

        func matches(_ value: String) -> Bool {
            isPrefix
                ? value.utf8.starts(with: text.utf8) : value.utf8.elementsEqual(text.utf8)
        }
    }

    /// The values of each key.
    package internal(set) var terms: [Key: [Pattern]] = [:]
    /// The kinds that are asked for; empty for all.
    var wantedKinds: Set<EventKind> = []
    /// The kinds that are left out.
    var unwantedKinds: Set<EventKind> = []
    /// The first time that counts, µs since 1970.
    package internal(set) var since: UInt64?
    /// The first time that no longer counts, µs since 1970.
    package internal(set) var until: UInt64?

    /// A query that everything matches.
    package init() {}

    /// A query for the events with a section of one subject, whatever is in its name.
    package static func subject(_ name: String) -> Query {
        var query = Query()
        query.terms = [.subject: [Pattern(text: name, isPrefix: false)]]
        return query
    }

    /// The kinds of events that can be in the answer.
    package var kinds: Set<EventKind> {
        let wanted = wantedKinds.isEmpty ? Set(EventKind.allCases) : wantedKinds
        let left = wanted.subtracting(unwantedKinds)
        // Only a caller's events have what the other keys look at.
        return terms.isEmpty ? left : left.filter(\.isSealed)
    }

    /// Whether an event is among those that the query asks for.
    package func matches(_ event: OpenedEvent) -> Bool {
        guard since.map({ event.leaf.recordedAt >= $0 }) ?? true,
            until.map({ event.leaf.recordedAt < $0 }) ?? true, kinds.contains(event.leaf.kind)
        else { return false }
        guard !terms.isEmpty else { return true }
        guard case .content(let envelope) = event.envelope else { return false }
        return terms.allSatisfy { key, patterns in
            Self.values(key, envelope, event).contains { value in
                patterns.contains { $0.matches(value) }
            }
        }
    }

    private static func values(
        _ key: Key,
        _ envelope: Envelope,
        _ event: OpenedEvent
    ) -> [String] {
        switch key {
        case .actor: [envelope.actor]
        case .type: [envelope.type]
        case .stream: [envelope.stream]
        case .collection: [envelope.stream.collection]
        case .subject:
            event.sections.compactMap { section in
                if case .content(let section) = section { section.name.subject } else { nil }
            }
        }
    }
}

extension Query.Pattern: Equatable {
    /// Whether both are the same bytes.
    package static func == (left: Self, right: Self) -> Bool {
        ByteText(left.text) == ByteText(right.text) && left.isPrefix == right.isPrefix
    }
}
