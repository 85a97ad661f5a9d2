// Which module may import which: the layers of docs/architecture.md as a table. The package
// manager accepts imports of whatever a dependency depends on, so this is what keeps them apart.

/// The imports that each module may make.
enum LayerRules {
    private static let ours: Set = [
        "TallyCore", "TallyCrypto", "TallyDecisions", "TallyEvidence", "TallyPostgres",
        "TallyReplay", "TallyStore", "TallyVault", "Tallystick",
    ]

    /// Modules with the modules they may import, lowest first.
    static let allowed: [String: Set<String>] = [
        "TallyCrypto": ["COpenSSL", "Synchronization"],
        "TallyLZ4": ["CLZ4"],
        "TallyCore": ["TallyCrypto"],
        "TallyPostgres": [
            "CLibPQ", "Logging", "Foundation", "Glibc", "Synchronization", "Dispatch",
        ],
        "TallyVault": [
            "CPKCS11", "TallyCore", "TallyCrypto", "TallyPostgres", "Dispatch", "Foundation",
            "FoundationNetworking", "Glibc", "Synchronization",
        ],
        "TallyStore": [
            "CSchema", "TallyCore", "TallyCrypto", "TallyLZ4", "TallyPostgres", "TallyVault",
            "DequeModule", "Foundation", "Dispatch", "Synchronization", "Logging", "Metrics",
        ],
        "TallyReplay": [
            "TallyCore", "TallyCrypto", "TallyPostgres", "TallyStore", "TallyVault", "Logging",
            "Synchronization",
        ],
        "TallyDecisions": [
            "TallyCore", "TallyCrypto", "TallyPostgres", "TallyReplay", "TallyStore", "TallyVault",
            "Logging", "Synchronization",
        ],
        "TallyEvidence": [
            "TallyCore", "TallyCrypto", "TallyPostgres", "TallyStore", "TallyVault", "Logging",
            "Synchronization",
        ],
        "Tallystick": [
            "TallyCore", "TallyCrypto", "TallyDecisions", "TallyEvidence", "TallyPostgres",
            "TallyReplay", "TallyStore", "TallyVault",
            "Logging", "ServiceLifecycle", "Synchronization", "Foundation", "Glibc",
        ],
        "TallyTesting": ours.union([
            "Testing", "Logging", "Foundation", "Glibc", "Dispatch", "Synchronization",
        ]),
        "TallyCLI": ours.union([
            "ArgumentParser", "CMalloc", "Configuration", "SystemPackage", "Logging",
            "Foundation", "Glibc", "Dispatch", "Yams", "Synchronization",
        ]),
        "TallyBenchmark": [
            "TallyCore", "TallyCrypto", "TallyDecisions", "TallyPostgres", "TallyReplay",
            "TallyStore", "TallyVault", "Tallystick", "Foundation", "Glibc", "Dispatch",
            "Synchronization",
        ],
    ]

    /// The C modules; each has one Swift module that wraps it for all others.
    static let cModules = ["CLZ4", "CLibPQ", "CMalloc", "COpenSSL", "CPKCS11", "CSchema"]

    /// Imports that the table does not allow, and modules that it does not know.
    static func violations(_ tree: SourceTree) -> [String] {
        imports(tree).compactMap { found in
            guard let modules = allowed[found.module] else {
                return "\(found.path): module \(found.module) has no layer; "
                    + "give it one in LayerRules.allowed and in docs/architecture.md"
            }
            guard !modules.contains(found.imported) else { return nil }
            return "\(found.path): \(found.module) may not import \(found.imported); "
                + "use what is below it, or move the code to the layer that may"
        }
    }

    /// C modules without a Swift module around them, or with more than one.
    static func sharedCModules(_ tree: SourceTree) -> [String] {
        let imports = imports(tree)
        return cModules.compactMap { name in
            let importers = Set(imports.filter { $0.imported == name }.map(\.module))
            guard importers.count != 1 else { return nil }
            let names = importers.isEmpty ? "no module" : importers.sorted().joined(separator: ", ")
            return "\(name): imported by \(names); exactly one Swift module wraps a C module"
        }
    }

    private struct Import {
        let path: String
        let module: String
        let imported: String
    }

    private static func imports(_ tree: SourceTree) -> [Import] {
        tree.swiftFiles.flatMap { file -> [Import] in
            guard let module = module(of: file.path) else { return [] }
            return SwiftText.code(file.text).split(separator: "\n").compactMap(imported)
                .map { Import(path: file.path, module: module, imported: $0) }
        }
    }

    /// The module of a path; `nil` for tests, which may import anything.
    private static func module(of path: String) -> String? {
        let parts = path.split(separator: "/")
        if parts.first == "benchmarks" { return "TallyBenchmark" }
        return parts.first == "Sources" && parts.count > 2 ? String(parts[1]) : nil
    }

    /// The module that a line imports, whatever stands before or after its name.
    private static func imported(_ line: Substring) -> String? {
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
        ]
        let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        var words = line.split(whereSeparator: \.isWhitespace)[...]
        while let first = words.first, first.hasPrefix("@") || access.contains(first) {
            words = words.dropFirst()
        }
        guard words.popFirst() == "import" else { return nil }
        if let kind = words.first, kinds.contains(kind) { words = words.dropFirst() }
        return words.first?.split(separator: ".").first.map(String.init)
    }
}
