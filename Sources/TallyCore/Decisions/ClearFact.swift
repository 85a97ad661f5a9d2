// What one of the ledger's own events says, once its bytes are known to be those of its leaf.

internal import TallyCrypto

/// One clear event, read.
package struct ClearFact: Sendable {
    package let kind: EventKind
    package let position: UInt64
    /// µs since 1970.
    package let recordedAt: UInt64
    package let content: JSONObject

    /// Reads the clear JSON behind a leaf that commits to it; `nil` for sealed events, and for text
    /// that writing it again would not give.
    package init?(_ leaf: Leaf, clear: [UInt8]) {
        guard !leaf.kind.isSealed, let content = JSONObject(canonical: clear) else { return nil }
        kind = leaf.kind
        position = leaf.position
        recordedAt = leaf.recordedAt
        self.content = content
    }

    /// Reads a stored event; `nil` for sealed events, and where row and leaf do not fit.
    package init?(_ row: StoredEvent) {
        guard let leaf = try? Leaf(decoding: row.leaf), !leaf.kind.isSealed,
            let part = try? EventBody.decode(row.body, leaf: leaf).first.map({ Array($0) }),
            leaf.partDigests == [SHA256.hash(part)]
        else { return nil }
        self.init(leaf, clear: Array(part.dropFirst()))
    }

    /// A member that is text.
    func text(_ name: JSONString) -> String? { content[name]?.stringValue }

    /// A member that is an id.
    func id<Tag>(_ name: JSONString) -> Identifier<Tag>? {
        content[name]?.bytes.flatMap { Identifier($0) }
    }

    /// Whether it carries an approval.
    package var isSigned: Bool { content["approvals"]?.arrayValue?.isEmpty == false }

    /// The approvals that the event carries; `nil` when one is not in the format.
    var approvals: [Approval]? {
        guard let items = content["approvals"]?.arrayValue else { return nil }
        let approvals = items.compactMap { $0.bytes.flatMap { try? Approval(decoding: $0) } }
        return approvals.count == items.count ? approvals : nil
    }
}

extension JSONObject {
    /// Reads an object from the one text that writing it again gives.
    ///
    /// Keys are ASCII and numbers integers below 2^53, so that every reader of JSON sees the same.
    init?(canonical text: [UInt8]) {
        guard let value = try? JSONReader.parse(text), value.canonical() == text, value.isPlain,
            let object = value.objectValue
        else { return nil }
        self = object
    }
}

extension JSONValue {
    /// Whether it has ASCII keys and safe integers only.
    fileprivate var isPlain: Bool {
        switch self {
        case .number(let number):
            number.int64.map { $0.magnitude < 1 << 53 && String($0) == number.text } ?? false
        case .array(let values): values.allSatisfy(\.isPlain)
        case .object(let object):
            object.members.allSatisfy {
                $0.key.string.utf8.allSatisfy { $0 < 128 } && $0.value.isPlain
            }
        default: true
        }
    }
}
