// Where functions begin and end, by counting braces. It knows no grammar beyond that: enough to
// measure functions, and short enough to be trusted.

/// A function with a body.
struct FunctionSpan: Equatable {
    let name: String
    /// The 1-based line of its keyword.
    let line: Int
    /// The lines from there to its closing brace, both counted.
    let lineCount: Int
}

/// Finds functions, initialisers and subscripts.
struct FunctionScan {
    private struct Token {
        let text: Substring
        let line: Int
    }

    private static let keywords: Set<Substring> = ["func", "init", "deinit", "subscript"]
    /// Words that cannot stand between a function's keyword and its body.
    private static let strangers: Set<Substring> = keywords.union([
        "var", "let", "case", "typealias", "struct", "enum", "class", "actor", "extension",
    ])

    private let tokens: [Token]

    /// The functions of a Swift source, in order.
    static func functions(in source: String) -> [FunctionSpan] {
        let scan = FunctionScan(SwiftText.code(source))
        return scan.tokens.indices.compactMap(scan.function)
    }

    private init(_ code: String) {
        var tokens: [Token] = []
        var number = 0
        for line in code.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            var rest = line.drop(while: \.isWhitespace)
            while let first = rest.first {
                let isWord = Self.isWord(first)
                let text = isWord ? rest.prefix(while: Self.isWord) : rest.prefix(1)
                tokens.append(Token(text: text, line: number))
                rest = rest.dropFirst(text.count).drop(while: \.isWhitespace)
            }
        }
        self.tokens = tokens
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private func text(_ index: Int) -> Substring {
        tokens.indices.contains(index) ? tokens[index].text : ""
    }

    /// The function whose keyword stands at an index.
    private func function(at index: Int) -> FunctionSpan? {
        guard isDeclaration(index), let opening = bodyOpening(after: index),
            let closing = closing(of: opening)
        else { return nil }
        let keyword = tokens[index]
        let name = keyword.text == "func" ? text(index + 1) : keyword.text
        return FunctionSpan(
            name: String(name),
            line: keyword.line,
            lineCount: tokens[closing].line - keyword.line + 1
        )
    }

    private func isDeclaration(_ index: Int) -> Bool {
        let next = text(index + 1)
        guard Self.keywords.contains(text(index)), text(index - 1) != "." else { return false }
        switch text(index) {
        case "init", "subscript": return ["(", "<", "?", "!"].contains(next)
        case "deinit": return next == "{"
        default: return true
        }
    }

    /// The brace that opens the body; `nil` for a requirement of a protocol.
    private func bodyOpening(after keyword: Int) -> Int? {
        var depth = 0
        for index in keyword + 1..<tokens.count {
            switch tokens[index].text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return index
            case "}" where depth == 0: return nil
            case let word where depth == 0 && Self.strangers.contains(word): return nil
            default: break
            }
        }
        return nil
    }

    private func closing(of opening: Int) -> Int? {
        var depth = 0
        for index in opening..<tokens.count {
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}
