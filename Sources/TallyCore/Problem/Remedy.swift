// What to do about a problem: a sentence in which a term stands for whatever has another name on
// another surface.

/// What to do about a ``Problem``.
///
/// It is written as a sentence whose terms each surface puts into its own words: `tally` and this
/// module name commands and flags, an HTTP service names routes and fields.
///
/// ```swift
/// let remedy: Remedy = "run \(.verify): it names what was damaged"
/// remedy.description                                // run tally verify: it names …
/// remedy.words { $0 == .verify ? "GET /verify" : $0.command }
/// ```
public struct Remedy: Sendable, Equatable {
    fileprivate enum Part: Sendable, Equatable {
        case text(String)
        case term(Term)
    }

    private var parts: [Part]

    /// The terms in it, in order: what a surface can offer as a button.
    public var terms: [Term] {
        parts.compactMap { if case .term(let term) = $0 { term } else { nil } }
    }

    /// Whether there is nothing to do.
    public var isEmpty: Bool { parts.isEmpty }

    /// The sentence, with each term in the words of a surface.
    public func words(_ name: (Term) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .term(let term): name(term)
            }
        }.joined()
    }
}

extension Remedy: CustomStringConvertible {
    /// The sentence in the words of the command line, which every operator has.
    public var description: String { words(\.command) }
}

extension Remedy: ExpressibleByStringInterpolation {
    /// The pieces of a sentence as it is written down.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        /// Begins an empty sentence.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Adds text.
        public mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { parts.append(.text(literal)) }
        }

        /// Adds a term.
        public mutating func appendInterpolation(_ term: Term) { parts.append(.term(term)) }

        /// Adds a sentence with its terms.
        public mutating func appendInterpolation(_ remedy: Remedy) { parts += remedy.parts }

        /// Adds a value; never a payload, a personal name or a key.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            appendLiteral(value.description)
        }
    }

    /// A sentence without terms.
    public init(stringLiteral value: String) { parts = value.isEmpty ? [] : [.text(value)] }

    /// A sentence with terms and values.
    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    /// A sentence that is text already.
    package init(_ text: String) { self.init(stringLiteral: text) }

    /// Two sentences, one behind the other.
    package static func + (left: Remedy, right: Remedy) -> Remedy { "\(left)\(right)" }
}
