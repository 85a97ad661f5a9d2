// What the text of the schemas can show: one function a file, with its owner and its rights behind
// it, in lines that can be read.

import Foundation

/// Rules for the SQL under schema.
enum SchemaRules {
    static let lineLength = 100
    static let functionLines = 100

    /// Files of functions that hold none or several, or one of another name.
    static func strayFunctions(_ tree: SourceTree) -> [String] {
        functions(tree).compactMap { file in
            let names = file.text.matches(of: /CREATE OR REPLACE FUNCTION tally\w*\.(\w+)\(/)
                .map { String($0.1) }
            guard names != [name(file)] else { return nil }
            return "\(file.path): holds \(names); a file holds the function that it is named after"
        }
    }

    /// Functions that would belong to whoever installs them, or be everybody's.
    static func unguarded(_ tree: SourceTree) -> [String] {
        functions(tree).flatMap { file in
            let name = name(file)
            return [
                "ALTER FUNCTION tally\\w*\\.\(name) OWNER TO tally_\\w+;",
                "REVOKE ALL ON FUNCTION tally\\w*\\.\(name) FROM PUBLIC;",
            ].filter { file.text.range(of: $0, options: .regularExpression) == nil }
                .map { "\(file.path): lacks \($0.replacing("\\w*\\", with: "…").prefix(30))" }
        }
    }

    /// Functions that take or give a row of a table as such: a new column would change them, and
    /// neither a distributed database nor a role without the table can do much with its type.
    static func rowTypes(_ tree: SourceTree) -> [String] {
        functions(tree).flatMap { file in
            file.text.matches(of: /CREATE OR REPLACE FUNCTION [\w.]+([\s\S]*?)LANGUAGE/)
                .flatMap { $0.1.matches(of: /tally\w*\.\w+\b(?!\()/) }
                .map { "\(file.path): \($0.0) in its signature; take a key, give columns" }
        }
    }

    /// Settings of ours that a function call makes: only SET is passed on to where the rows are,
    /// by what stands between a client and them.
    static func calledSettings(_ tree: SourceTree) -> [String] {
        let files = sql(tree) + tree.swiftFiles.filter { $0.path.hasPrefix("Sources/") }
        return files.filter { $0.text.contains(/set_config\(\s*'tally\./.ignoresCase()) }
            .map { "\($0.path): SET LOCAL instead of set_config" }
    }

    /// Lines and functions that are too long to be read.
    static func long(_ tree: SourceTree) -> [String] {
        sql(tree).flatMap { file in
            let lines = file.lines.enumerated().filter { $0.element.count > lineLength }
                .map { "\(file.path):\($0.offset + 1): more than \(lineLength) columns" }
            let isLong = file.path.contains("/functions/") && file.lines.count > functionLines
            return lines + (isLong ? ["\(file.path): let it read as its steps"] : [])
        }
    }

    private static func sql(_ tree: SourceTree) -> [SourceFile] {
        tree.sources.filter {
            $0.path.hasPrefix("schema/") && $0.path.hasSuffix(".sql")
                && !$0.path.hasPrefix("schema/facts/")
        }
    }

    private static func functions(_ tree: SourceTree) -> [SourceFile] {
        sql(tree).filter { $0.path.contains("/functions/") }
    }

    private static func name(_ file: SourceFile) -> String {
        String(file.name.dropLast(".sql".count))
    }
}
