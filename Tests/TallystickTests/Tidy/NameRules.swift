// Names and ids are compared by their bytes; what the text of a source can show of the contrary.

/// Strings as keys, and names compared as strings.
enum NameRules {
    /// Folders of the product in which a key of type `String` is none of the ledger's names.
    static let exempt = [
        // Processes, their environment and their settings.
        "Sources/TallyPostgres/", "Sources/TallyTesting/", "Sources/TallyCLI/Commands/Dev/",
        "Sources/TallyCLI/Dev/",
        "Sources/Tallystick/Embedded/", "Sources/Tallystick/Doctor/",
        // The demo's own data, whose names are ASCII.
        "Sources/TallyCLI/Demo/",
        // Words of ASCII that are checked where they are read: projections, fields of YAML, URIs.
        "Sources/TallyReplay/Projection/ProjectionRunner.swift",
        "Sources/TallyCLI/Input/TableFile.swift", "Sources/Tallystick/KEKLocation+URI.swift",
        "Sources/Tallystick/LedgerConfiguration+Environment.swift",
    ]

    private static let keys = ["[String:", "[String :", "Set<String>", "Dictionary<String,"]
    private static let names = ["subject", "actor", "onBehalfOf", "retentionClass"]

    /// Dictionaries and sets whose keys are compared by canonical equivalence.
    static func stringKeys(_ tree: SourceTree) -> [String] {
        lines(tree) { line in keys.contains { line.contains($0) } }
            .map { "\($0): a key that is a String; ByteText tells names apart by their bytes" }
    }

    /// Names of persons, actors and classes that are compared by canonical equivalence.
    static func stringComparisons(_ tree: SourceTree) -> [String] {
        lines(tree) { line in
            names.contains { name in
                [" == ", " != ", " < "].contains { operation in
                    line.ranges(of: ".\(name)\(operation)").contains {
                        !line[$0.upperBound...].hasPrefix("nil")
                    }
                }
            }
        }
        .map { "\($0): a name compared as a String; compare ByteText" }
    }

    private static func lines(_ tree: SourceTree, where isWrong: (String) -> Bool) -> [String] {
        tree.swiftFiles.filter { file in
            file.path.hasPrefix("Sources/") && !exempt.contains { file.path.hasPrefix($0) }
        }
        .flatMap { file in
            SwiftText.code(file.lines.joined(separator: "\n"))
                .split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .filter { isWrong(String($0.element)) }
                .map { "\(file.path):\($0.offset + 1)" }
        }
    }

    /// Files that are named after nothing in them: `Type.swift` declares or extends `Type`, and
    /// `Type+Topic.swift` extends it.
    static func strangerFiles(_ tree: SourceTree) -> [String] {
        tree.swiftFiles.filter { $0.name != "Package.swift" && $0.name != "Exports.swift" }
            .filter { file in
                let name = file.name.prefix { $0 != "+" && $0 != "." }
                return !declared(in: file).contains(name.lowercased())
            }
            .map { "\($0.path): declares or extends no type of that name; name it after its own" }
    }

    /// The names that a file declares or extends, without the types around them.
    private static func declared(in file: SourceFile) -> [String] {
        let keywords = [
            "struct", "class", "enum", "protocol", "actor", "typealias", "extension", "func",
        ]
        let words = SwiftText.code(file.text).split { !$0.isLetter && !$0.isNumber && $0 != "." }
        return zip(words, words.dropFirst()).compactMap { keyword, name in
            guard keywords.contains(String(keyword)) else { return nil }
            return name.split(separator: ".").last?.lowercased()
        }
    }
}
