// Reads a query's text; what it does not understand it refuses, with the place.

package import TallyCore
internal import TallyStore

extension Query {
    /// Reads a query.
    ///
    /// - Parameters:
    ///   - text: the query.
    ///   - clock: what `since:-2h` counts from.
    /// - Throws: `invalid` with the offset of what is wrong, in bytes.
    package init(_ text: String, clock: SpokenTime = SpokenTime()) throws(Problem) {
        guard text.utf8.count <= ReplayLimits.queryBytes else {
            throw Problem(
                .tooLarge,
                "a query of \(text.utf8.count) bytes",
                hint: "give at most \(ReplayLimits.queryBytes)"
            )
        }
        self.init()
        var parser = QueryParser(text)
        while let term = try parser.next() { try add(term, clock) }
    }

    private mutating func add(
        _ term: QueryParser.Term,
        _ clock: SpokenTime
    ) throws(Problem) {
        switch term.key {
        case "since": since = try Self.time(term, clock, earlier: since)
        case "until": until = try Self.time(term, clock, earlier: until)
        case "kind": wantedKinds.insert(try Self.kind(term))
        case "-kind": unwantedKinds.insert(try Self.kind(term))
        default:
            guard let key = Key(rawValue: term.key) else { throw Self.unknown(term) }
            terms[key, default: []].append(try Self.pattern(term, key))
        }
    }

    private static func unknown(_ term: QueryParser.Term) -> Problem {
        if term.key.allSatisfy(\.isNumber) {
            return term.refusal(
                "there is no key \(term.key)",
                "put a time with a space into quotes: since:\"yesterday 14:00Z\""
            )
        }
        let keys = Key.allCases.map(\.rawValue) + ["since", "until", "kind", "-kind"]
        let meant = Nearest.word(to: term.key, in: keys).map { "did you mean \($0)? " } ?? ""
        return term.refusal(
            "there is no key \(term.key)",
            "\(meant)the keys are \(keys.joined(separator: ", "))"
        )
    }

    private static func kind(_ term: QueryParser.Term) throws(Problem) -> EventKind {
        let kinds = EventKind.allCases
        if let kind = kinds.first(where: { "\($0)" == term.value }) { return kind }
        let names = kinds.map { "\($0)" }
        let meant = Nearest.word(to: term.value, in: names).map { "did you mean \($0)? " } ?? ""
        throw term.refusal(
            "there is no kind \(term.value)",
            "\(meant)the kinds are \(names.joined(separator: ", "))"
        )
    }

    private static func time(
        _ term: QueryParser.Term,
        _ clock: SpokenTime,
        earlier: UInt64?
    ) throws(Problem) -> UInt64 {
        guard earlier == nil else {
            throw term.refusal("\(term.key) stands twice", "give it once")
        }
        do throws(UTCTime.Refusal) {
            return try clock.micros(term.value)
        } catch {
            let what = error == .noZone ? "is a time without a zone" : "is not a time"
            throw term.refusal("\(term.key) \(what)", SpokenTime.advice(error))
        }
    }

    private static func pattern(
        _ term: QueryParser.Term,
        _ key: Key
    ) throws(Problem) -> Pattern {
        guard !term.isQuoted, let star = term.value.utf8.firstIndex(of: UInt8(ascii: "*")) else {
            return Pattern(text: term.value, isPrefix: false)
        }
        guard key.takesWildcard, star == term.value.utf8.index(before: term.value.utf8.endIndex)
        else {
            throw term.refusal(
                "a * where none may stand",
                "only type, stream and collection take one, at their end; quote it to mean itself"
            )
        }
        return Pattern(text: String(term.value.dropLast()), isPrefix: true)
    }
}

/// Cuts a query's text into terms.
struct QueryParser {
    /// `key:value` as it stands in the text.
    struct Term {
        let key: String
        let value: String
        let isQuoted: Bool
        let offset: Int

        func refusal(_ message: String, _ hint: String) -> Problem {
            QueryParser.refusal(message, hint, at: offset)
        }
    }

    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The next term; `nil` at the end.
    mutating func next() throws(Problem) -> Term? {
        while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
        guard at < bytes.count else { return nil }
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: ":"), !Self.isSpace(bytes[at]) { at += 1 }
        let key = String(decoding: bytes[start..<at], as: UTF8.self)
        guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else {
            throw Self.refusal(
                "a term without a colon",
                "write key:value, as in type:invoice.*",
                at: start
            )
        }
        at += 1
        let isQuoted = at < bytes.count && bytes[at] == UInt8(ascii: "\"")
        let value = try isQuoted ? quoted() : plain()
        guard !value.isEmpty || isQuoted else {
            throw Self.refusal("\(key) has no value", "write \(key):VALUE", at: start)
        }
        return Term(key: key, value: value, isQuoted: isQuoted, offset: start)
    }

    private mutating func plain() -> String {
        let start = at
        while at < bytes.count, !Self.isSpace(bytes[at]) { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// A value in double quotes, in which `\"` and `\\` stand for themselves.
    private mutating func quoted() throws(Problem) -> String {
        let start = at
        var value: [UInt8] = []
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count { at += 1 }
            value.append(bytes[at])
            at += 1
        }
        guard at < bytes.count else {
            throw Self.refusal("a quote is not closed", "end the value with a \"", at: start)
        }
        at += 1
        guard at == bytes.count || Self.isSpace(bytes[at]) else {
            throw Self.refusal("something follows a quoted value", "put a space there", at: at)
        }
        return String(decoding: value, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    static func refusal(_ message: String, _ hint: String, at offset: Int) -> Problem {
        Problem(.invalid, "in the query at byte \(offset): \(message)", hint: Remedy(hint))
    }
}
