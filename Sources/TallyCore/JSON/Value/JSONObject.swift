// A JSON object: members in source order, keys unique.
// The reader fills it from checked text and callers build clear parts with it; the canonical
// writer sorts the members itself.

/// A JSON object.
///
/// Two objects are equal if they have the same members, in whatever order.
package struct JSONObject: Sendable {
    /// A key and its value.
    package typealias Member = (key: JSONString, value: JSONValue)

    /// The members in the order they were written or added.
    package private(set) var members: [Member] = []

    /// Where each key is in `members`; empty as long as scanning is quicker.
    private var index: [JSONString: Int] = [:]

    /// Creates an object without members.
    package init() {}

    /// Creates an object; a key given again replaces the earlier value in its place.
    package init(_ members: some Sequence<Member>) {
        for (key, value) in members { self[key] = value }
    }

    /// Creates an object from members whose keys are known to differ.
    init(unique members: [Member]) {
        self.members = members
        reindex()
    }

    /// The number of members.
    package var count: Int { members.count }

    /// Whether there are no members.
    package var isEmpty: Bool { members.isEmpty }

    /// The value of a key.
    ///
    /// A new key goes last, a known one keeps its place, and setting nil removes it.
    package subscript(_ key: JSONString) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Finds a key.
    private func position(of key: JSONString) -> Int? {
        index.isEmpty ? members.firstIndex { $0.key == key } : index[key]
    }

    /// Adds a member whose key is new.
    private mutating func append(_ key: JSONString, _ value: JSONValue) {
        members.append((key, value))
        if index.isEmpty {
            reindex()
        } else {
            index[key] = members.count - 1
        }
    }

    /// Removes a member and moves up those behind it.
    private mutating func remove(at position: Int) {
        members.remove(at: position)
        reindex()
    }

    /// Removes members all at once, so that many cost no more than a look at each member.
    mutating func removeMembers(withKeys keys: [JSONString]) {
        guard !keys.isEmpty, !members.isEmpty else { return }
        if keys.count == 1, let key = keys.first {
            self[key] = nil
            return
        }
        let removed = Set(keys)
        members.removeAll { removed.contains($0.key) }
        reindex()
    }

    /// Merges a patch into the value of a key, in place.
    mutating func merge(_ key: JSONString, patch: JSONValue) {
        if let position = position(of: key) {
            members[position].value.merge(patch: patch)
        } else {
            var value = JSONValue.null
            value.merge(patch: patch)
            append(key, value)
        }
    }

    /// Rebuilds the index, or drops it where scanning is quicker.
    private mutating func reindex() {
        index = [:]
        guard members.count > JSONLimits.scannedKeys else { return }
        index.reserveCapacity(members.count)
        for (position, member) in members.enumerated() { index[member.key] = position }
    }
}

extension JSONObject: Hashable {
    /// Whether both have the same members.
    package static func == (left: Self, right: Self) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    /// Feeds a sum over the members to a hasher, because a sum does not depend on their order.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(
            members.reduce(into: 0) { sum, member in
                var one = Hasher()
                one.combine(member.key)
                one.combine(member.value)
                sum &+= one.finalize()
            }
        )
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Creates an object from a literal.
    package init(dictionaryLiteral elements: (JSONString, JSONValue)...) {
        self.init(elements.lazy.map { (key: $0, value: $1) })
    }
}
