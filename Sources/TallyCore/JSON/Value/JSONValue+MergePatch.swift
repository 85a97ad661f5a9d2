// JSON merge patch (RFC 7396): what a patch event does to a document's data and sections.

extension JSONValue {
    /// Applies a merge patch (RFC 7396, section 2).
    ///
    /// Members of the patch that are `null` are removed, objects are merged member by member,
    /// everything else replaces what was there. A merge patch cannot store a `null`.
    ///
    /// - Complexity: O(n + m) in the members of the value and of the patch.
    package mutating func merge(patch: JSONValue) {
        guard case .object(let changes) = patch else {
            self = patch
            return
        }
        var object = JSONObject()
        if case .object(let own) = self { object = own }
        // The object must not be held twice while it is changed, or it would be copied.
        self = .null
        object.merge(patch: changes)
        self = .object(object)
    }
}

extension JSONObject {
    /// Applies the members of a merge patch.
    mutating func merge(patch: JSONObject) {
        var removed: [JSONString] = []
        for (key, change) in patch.members {
            if case .null = change {
                removed.append(key)
            } else {
                merge(key, patch: change)
            }
        }
        removeMembers(withKeys: removed)
    }
}
