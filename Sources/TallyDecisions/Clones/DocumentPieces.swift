// A document cut into events: a put, and patches that are merged into it (RFC 7396) where it has
// more than one event may have.

internal import TallyCore
internal import TallyStore

/// What one event of a clone carries.
struct DocumentPiece {
    /// `nil` where a patch leaves data as it is.
    var data: JSONValue?
    var personal: [PersonalName: JSONValue] = [:]
    /// No less than the bytes of its texts.
    fileprivate var bytes = 0
}

/// Cuts documents.
struct DocumentPieces {
    /// How many personal sections an event may have.
    private static let sections = FormatLimits.partCount.upperBound - 1
    /// Objects up to this size stay whole, unless a null is in them.
    private static let wholeBytes = StoreLimits.eventBytes / 8

    /// A value and where it belongs.
    private struct Leaf {
        /// `nil` for data.
        let section: PersonalName?
        let path: [JSONString]
        let value: JSONValue
        let bytes: Int
    }

    private var leaves: [Leaf] = []

    /// The pieces of a document: the first is put, the others are merged.
    ///
    /// Null can be put and not merged, so what is null comes first: a document has no more nulls
    /// than the event had that put them there.
    static func cut(_ content: DocumentContent) -> [DocumentPiece] {
        if isOne(content) { return [DocumentPiece(data: content.data, personal: content.personal)] }
        var cut = DocumentPieces()
        cut.add(content.data, nil, [])
        for (name, value) in content.personal.sorted(by: { $0.key < $1.key }) {
            cut.add(value, name, [])
        }
        return cut.pieces()
    }

    /// Whether one event is enough.
    static func isOne(_ content: DocumentContent) -> Bool {
        content.byteCount <= StoreLimits.eventBytes && content.personal.count <= sections
    }

    private mutating func add(_ value: JSONValue, _ section: PersonalName?, _ path: [JSONString]) {
        let bytes = value.canonicalByteCount
        if case .object(let object) = value, !object.isEmpty,
            bytes > Self.wholeBytes || value.hasNullMember
        {
            for member in object.members { add(member.value, section, path + [member.key]) }
            return
        }
        let names = path.reduce(section?.key.utf8.count ?? 0) { sum, key in
            sum + JSONValue.string(key).canonicalByteCount + "{:},".utf8.count
        }
        leaves.append(Leaf(section: section, path: path, value: value, bytes: bytes + names))
    }

    private func pieces() -> [DocumentPiece] {
        let ordered = leaves.filter { $0.value == .null } + leaves.filter { $0.value != .null }
        var pieces: [DocumentPiece] = []
        var piece = DocumentPiece(data: .object([:]))
        for leaf in ordered {
            if !piece.takes(leaf.section, leaf.bytes, sections: Self.sections) {
                pieces.append(piece)
                piece = DocumentPiece()
            }
            piece.bytes += leaf.bytes
            if let section = leaf.section {
                piece.personal[section, default: .object([:])]
                    .put(leaf.value, at: leaf.path[...])
            } else {
                var data = piece.data ?? .object([:])
                data.put(leaf.value, at: leaf.path[...])
                piece.data = data
            }
        }
        return pieces + [piece]
    }
}

extension DocumentPiece {
    /// Whether there is room for a value.
    fileprivate func takes(_ section: PersonalName?, _ more: Int, sections: Int) -> Bool {
        let isNew = section.map { personal[$0] == nil } ?? false
        guard !isNew || personal.count < sections else { return false }
        return bytes == 0 || bytes + more <= StoreLimits.eventBytes
    }
}

extension JSONValue {
    /// Whether a member of it, or of a member's object, is null.
    fileprivate var hasNullMember: Bool {
        objectValue?.members.contains { $0.value == .null || $0.value.hasNullMember } ?? false
    }

    /// Sets the value at a path of objects' members, which are made where they are missing.
    fileprivate mutating func put(_ value: JSONValue, at path: ArraySlice<JSONString>) {
        guard let key = path.first else {
            self = value
            return
        }
        var object = objectValue ?? JSONObject()
        // The object must not be held twice while it is changed, or it would be copied.
        self = .null
        var member = object[key] ?? .object([:])
        object[key] = .null
        member.put(value, at: path.dropFirst())
        object[key] = member
        self = .object(object)
    }
}
