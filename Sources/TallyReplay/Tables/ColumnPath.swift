// Where in a document a column's value is: a part of RFC 9535 (JSONPath) that always names one
// place, or one place in each person's section.

package import TallyCore
internal import TallyStore

/// A path such as `$.data.credit.limit`, `$.data.lines[0]['unit price']` or `$.personal.*.name`.
package struct ColumnPath: Sendable {
    /// One step into a value.
    enum Step: Sendable, Equatable {
        case member(JSONString)
        case index(Int)
        /// `*`, allowed for the sections of `$.personal` alone.
        case every
    }

    /// The bytes and steps that a path may have.
    private static let (bytes, mostSteps) = (512, 16)

    /// The path as it was written.
    package let text: String
    /// Whether it leads into a person's section.
    package let isPersonal: Bool
    private let steps: [Step]

    /// Reads a path.
    ///
    /// - Throws: `invalid`, saying what a path may be.
    package init(_ text: String) throws(Problem) {
        guard text.utf8.count <= Self.bytes, let steps = Self.steps(text),
            steps.count <= Self.mostSteps, let root = steps.first
        else { throw Self.refusal(text) }
        let rest = steps.dropFirst()
        switch root {
        case .member("data") where !rest.contains(.every): isPersonal = false
        case .member("personal") where !rest.dropFirst().contains(.every): isPersonal = true
        default: throw Self.refusal(text)
        }
        self.text = text
        self.steps = Array(rest)
    }

    /// The value in a document; `nil` where there is none.
    ///
    /// Of several sections the first one that has a value counts, in the order of the sections'
    /// names.
    func value(_ content: DocumentContent, _ subjects: SubjectPattern?) -> JSONValue? {
        guard isPersonal else { return Self.walk(content.data, steps[...]) }
        let sections = content.personal.filter { subjects?.matches($0.key) ?? true }
            .map { (key: JSONString($0.key.key), value: $0.value) }.sorted { $0.key < $1.key }
        guard let first = steps.first else { return .object(JSONObject(sections)) }
        for section in sections where first == .every || first == .member(section.key) {
            if let value = Self.walk(section.value, steps.dropFirst()) { return value }
        }
        return nil
    }

    private static func walk(_ value: JSONValue, _ steps: ArraySlice<Step>) -> JSONValue? {
        var value = value
        for step in steps {
            switch step {
            case .member(let name):
                guard let next = value.objectValue?[name] else { return nil }
                value = next
            case .index(let index):
                guard let items = value.arrayValue, index < items.count else { return nil }
                value = items[index]
            case .every: return nil
            }
        }
        return value
    }

    private static func refusal(_ text: String) -> Problem {
        Problem(
            .invalid,
            "\(text.prefix(64)) is not a path of a column",
            hint: "write $.data.name, $.data.lines[0]['unit price'] or $.personal.*.name"
        )
    }
}

extension ColumnPath {
    /// The steps after `$`; `nil` for what is no path.
    private static func steps(_ text: String) -> [Step]? {
        var rest = text[...]
        guard rest.popFirst() == "$" else { return nil }
        var steps: [Step] = []
        while let first = rest.popFirst() {
            let step = first == "." ? name(&rest) : first == "[" ? selector(&rest) : nil
            guard let step else { return nil }
            steps.append(step)
        }
        return steps
    }

    /// `*` or a name that needs no quotes: letters, digits, `_` and what is not ASCII.
    private static func name(_ rest: inout Substring) -> Step? {
        if rest.first == "*" {
            rest.removeFirst()
            return .every
        }
        let name = rest.prefix { $0 == "_" || !$0.isASCII || $0.isLetter || $0.isNumber }
        guard let first = name.first, !first.isASCII || !first.isNumber else { return nil }
        rest = rest[name.endIndex...]
        return .member(JSONString(String(name)))
    }

    /// `*`, an index or a name in quotes, up to the closing bracket.
    private static func selector(_ rest: inout Substring) -> Step? {
        guard let first = rest.first else { return nil }
        let step: Step
        if first == "'" || first == "\"" {
            rest.removeFirst()
            let name = rest.prefix { $0 != first && $0 != "\\" }
            rest = rest[name.endIndex...]
            guard rest.popFirst() == first else { return nil }
            step = .member(JSONString(String(name)))
        } else if first == "*" {
            rest.removeFirst()
            step = .every
        } else {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let index = Int(digits), String(index) == digits else { return nil }
            rest = rest[digits.endIndex...]
            step = .index(index)
        }
        return rest.popFirst() == "]" ? step : nil
    }
}

/// Which persons' sections a column looks into: a section's name, or what it begins with and `*`.
package struct SubjectPattern: Sendable {
    /// The pattern as it was written.
    package let text: String
    private let name: [UInt8]
    private let isPrefix: Bool

    /// Reads a pattern.
    ///
    /// - Throws: `invalid` for an empty one, or a `*` that is not at its end.
    package init(_ text: String) throws(Problem) {
        let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
        isPrefix = text.utf8.last == UInt8(ascii: "*")
        guard !text.isEmpty, stars == (isPrefix ? 1 : 0),
            text.utf8.count <= FormatLimits.subject.upperBound
        else {
            throw Problem(
                .invalid,
                "\(text.prefix(64)) names no persons",
                hint: "write a subject, or what subjects begin with: customer:*"
            )
        }
        self.text = text
        name = Array(text.utf8.dropLast(isPrefix ? 1 : 0))
    }

    func matches(_ section: PersonalName) -> Bool {
        let key = section.key.utf8
        return isPrefix ? key.starts(with: name) : key.elementsEqual(name)
    }
}
