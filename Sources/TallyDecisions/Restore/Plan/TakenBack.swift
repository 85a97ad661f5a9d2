// Which events a restore takes back, those of an earlier restore among them.

package import TallyCore
internal import TallyCrypto

/// The events that a restore or an undo takes back.
package enum TakenBack: Sendable, Equatable {
    /// Those of a scope.
    case scope(RestoreScope)
    /// Those that another restore has written: the version that it gave each of its streams.
    case restore(DecisionID, written: [BlindTag: Int])
}

extension TakenBack {
    /// Whether an event is one of those to be taken back.
    func contains(_ event: StoredEvent, _ envelope: Envelope) -> Bool {
        switch self {
        case .scope(.tenant): true
        case .scope(.collection(let name)): envelope.stream.isIn(name)
        case .scope(.stream(let name)): ByteText(envelope.stream) == ByteText(name)
        case .scope(.actor(let name)): ByteText(envelope.actor) == ByteText(name)
        case .scope(.events(let range)): range.contains(event.position)
        case .restore(let id, let written):
            ByteText(envelope.correlation) == ByteText(id.hex)
                && [.revert, .delete].contains(envelope.operation)
                && event.stream.map { written[$0] == event.version } ?? false
        }
    }

    /// The scope as a plan has it: names as blind tags.
    func tagged(_ index: IndexKey) -> JSONObject {
        switch self {
        case .scope(.tenant): ["kind": "tenant"]
        case .scope(.collection(let name)):
            ["kind": "collection", "tag": .hex(index.tag(.collection, name).bytes)]
        case .scope(.stream(let name)):
            ["kind": "stream", "tag": .hex(index.tag(.stream, name).bytes)]
        case .scope(.actor(let name)):
            ["kind": "actor", "tag": .hex(index.tag(.actor, name).bytes)]
        case .scope(.events(let range)):
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
