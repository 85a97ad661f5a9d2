// Personal sections by name, as callers give and get them: a list in order whose names are
// compared as bytes, where a dictionary of strings would take two for one.

/// Values by section name: `SUBJECT` or `SUBJECT#CLASS`.
///
/// ```swift
/// event.personal = ["customer:8812": Array(#"{"name":"Ilze"}"#.utf8)]
/// ```
///
/// Names are told apart by their UTF-8 bytes: two that differ only by Unicode normalisation are two
/// sections. A name that is given twice stays twice in the list, and an append refuses it.
public struct Sections<Value: Sendable>: Sendable {
    /// A section's name and its value.
    public typealias Element = (key: String, value: Value)

    private var elements: [Element] = []

    /// Makes an empty list.
    public init() {}

    /// Takes sections from a dictionary, or another sequence with labels.
    public init(_ elements: some Sequence<(key: String, value: Value)>) {
        self.elements = Array(elements)
    }

    /// Takes names and values in their order.
    public init(_ elements: some Sequence<(String, Value)>) {
        self.elements = elements.map { (key: $0, value: $1) }
    }

    /// The names in order.
    public var keys: [String] { elements.map(\.key) }

    /// The value of a name; setting one replaces it, or puts it last where the name is new.
    ///
    /// - Complexity: O(n); an event has 31 sections at most.
    public subscript(_ key: String) -> Value? {
        get { position(of: key).map { elements[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): elements[position].value = value
            case (let position?, nil): elements.remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Puts a section last, whatever the others are named.
    public mutating func append(_ key: String, _ value: Value) {
        elements.append((key, value))
    }

    /// The same names with other values.
    public func mapValues<Other>(
        _ transform: (Value) throws -> Other
    ) rethrows -> Sections<Other> {
        Sections<Other>(try elements.map { (key: $0.key, value: try transform($0.value)) })
    }

    private func position(of key: String) -> Int? {
        let key = ByteText(key)
        return elements.firstIndex { ByteText($0.key) == key }
    }

    /// In the order of the names' bytes.
    fileprivate var sorted: [Element] { elements.sorted { ByteText($0.key) < ByteText($1.key) } }
}

extension Sections: RandomAccessCollection {
    /// The first section's place.
    public var startIndex: Int { 0 }
    /// The place after the last section's.
    public var endIndex: Int { elements.count }

    /// A section by its place.
    public subscript(_ position: Int) -> Element { elements[position] }
}

extension Sections: ExpressibleByDictionaryLiteral {
    /// Takes sections in the order of the literal.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.elements = elements.map { (key: $0, value: $1) }
    }
}

extension Sections: Equatable where Value: Equatable {
    /// Whether both have the same sections, in whatever order.
    public static func == (left: Self, right: Self) -> Bool {
        left.count == right.count
            && zip(left.sorted, right.sorted).allSatisfy {
                ByteText($0.key) == ByteText($1.key) && $0.value == $1.value
            }
    }
}
