// What a restore is about, and what it may do.

package import TallyCore
internal import TallyCrypto

/// Which events a restore takes back.
package enum RestoreScope: Sendable, Equatable {
    /// All that came after the moment.
    case tenant
    /// Those of a collection and of the collections in it.
    case collection(String)
    /// Those of one stream.
    case stream(String)
    /// Those of an actor.
    case actor(String)
    /// Those at some positions.
    case events(Range<Int>)
    /// Those that another restore has written: the version that it gave each of its streams.
    case restore(DecisionID, written: [BlindTag: Int])
}

extension RestoreScope {
    /// Whether an event is one of those to be taken back.
    func contains(_ event: StoredEvent, _ envelope: Envelope) -> Bool {
        switch self {
        case .tenant: true
        case .collection(let name): envelope.stream.isIn(name)
        case .stream(let name): ByteText(envelope.stream) == ByteText(name)
        case .actor(let name): ByteText(envelope.actor) == ByteText(name)
        case .events(let range): range.contains(event.position)
        case .restore(let id, let written):
            ByteText(envelope.correlation) == ByteText(id.hex)
                && [.revert, .delete].contains(envelope.operation)
                && event.stream.map { written[$0] == event.version } ?? false
        }
    }

    /// The scope as a plan has it: names as blind tags.
    func tagged(_ index: IndexKey) -> JSONObject {
        switch self {
        case .tenant: ["kind": "tenant"]
        case .collection(let name):
            ["kind": "collection", "tag": .hex(index.tag(.collection, name).bytes)]
        case .stream(let name): ["kind": "stream", "tag": .hex(index.tag(.stream, name).bytes)]
        case .actor(let name): ["kind": "actor", "tag": .hex(index.tag(.actor, name).bytes)]
        case .events(let range):
            [
                "from": .number(JSONNumber(range.lowerBound)), "kind": "events",
                "to": .number(JSONNumber(range.upperBound)),
            ]
        case .restore(let id, _): ["kind": "restore", "restore": .hex(id.bytes)]
        }
    }
}

extension String {
    /// Whether a stream lies in a collection, or in one that lies in it.
    package func isIn(_ collection: String) -> Bool {
        utf8.starts(with: collection.utf8)
            && utf8.dropFirst(collection.utf8.count).first == UInt8(ascii: "/")
    }
}

/// What a restore does with documents.
package struct RestoreSwitches: Sendable, Equatable {
    /// Bring back documents that were there and are not any more.
    package var createsMissing = true
    /// Set back documents that were another then.
    package var updatesExisting = true
    /// Delete documents that were not there.
    package var deletesNew = true

    /// All three.
    package init() {}
}
