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
}
