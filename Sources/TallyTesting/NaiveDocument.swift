// Documents as a reader of the rules would keep them by hand: every version is remembered, and
// nothing is done cleverly. What tests compare the fold with.

package import TallyCore

/// RFC 7396, section 2, as it stands there.
package enum NaiveMerge {
    /// The result of a merge patch.
    package static func patch(_ target: JSONValue?, _ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members: [JSONString: JSONValue] = [:]
        if case .object(let object) = target {
            for (key, value) in object.members { members[key] = value }
        }
        for (key, value) in changes.members {
            if value == .null {
                members.removeValue(forKey: key)
            } else {
                members[key] = self.patch(members[key], value)
            }
        }
        return .object(JSONObject(members.map { ($0.key, $0.value) }))
    }
}

/// A document by hand.
package struct NaiveDocument: Sendable, Equatable {
    /// The data.
    package var data: JSONValue = .null
    /// The sections by `SUBJECT` or `SUBJECT#CLASS`.
    package var personal: Sections<JSONValue> = [:]

    /// Makes a document.
    package init(data: JSONValue = .null, personal: Sections<JSONValue> = [:]) {
        self.data = data
        self.personal = personal
    }

    /// What an event that is no revert leaves of a document.
    package static func after(
        _ operation: EventOperation,
        data: JSONValue?,
        personal: Sections<JSONValue>,
        before: NaiveDocument?
    ) -> NaiveDocument? {
        switch operation {
        case .note, .revert: return before
        case .delete: return nil
        case .put: return NaiveDocument(data: data ?? .null, personal: personal)
        case .patch:
            var document = before ?? NaiveDocument()
            if let data { document.data = NaiveMerge.patch(document.data, data) }
            for (name, section) in personal {
                if section == .null {
                    document.personal[name] = Optional.none
                } else {
                    document.personal[name] = NaiveMerge.patch(document.personal[name], section)
                }
            }
            return document
        }
    }
}
