// How large files, functions and folders may be, with the exceptions and their reasons: nothing
// else in the repository may be an exception.

/// The bounds that keep every file readable in one sitting.
enum SizeRules {
    static let fileLines = 500
    static let functionLines = 70
    static let folderFiles = 12
    static let columns = 100

    /// Folders that may hold more, each with the reason.
    static let crowdedFolders = [
        "docs/format/vectors": "one file of golden vectors for each structure of the format",
        "Tests/Fixtures/ledger-a715c26": "a ledger as it was left, with what was said of it",
        "Tests/Fixtures/ledger-139994d": "a ledger as it was left, with what was said of it",
    ]

    /// Swift files that are too long.
    static func longFiles(_ tree: SourceTree) -> [String] {
        tree.swiftFiles.filter { $0.lines.count > fileLines }.map { file in
            "\(file.path): \(file.lines.count) lines, allowed are \(fileLines); "
                + "move what can be read alone into a file of its own"
        }
    }

    /// Lines that are too wide, whatever they are made of.
    ///
    /// A word that cannot be broken, such as a text without blanks, may be as long as it is; and so
    /// may migrations, which are frozen.
    static func wideLines(_ tree: SourceTree) -> [String] {
        tree.sources.filter { !$0.path.contains("/migrations/") }.flatMap { file in
            zip(1..., file.lines).filter { _, line in
                line.count > columns && line.trimmingPrefix { $0 == " " }.contains(" ")
            }
            .map { number, line in
                "\(file.path):\(number): \(line.count) columns, allowed are \(columns); break it"
            }
        }
    }

    /// Functions that are too long.
    static func longFunctions(_ tree: SourceTree) -> [String] {
        tree.swiftFiles.flatMap { file in
            FunctionScan.functions(in: file.text).filter { $0.lineCount > functionLines }
                .map { function in
                    "\(file.path):\(function.line): \(function.name) has \(function.lineCount) "
                        + "lines, allowed are \(functionLines); give its steps names"
                }
        }
    }

    /// Folders with too many files, those below them not counted.
    static func crowded(_ tree: SourceTree) -> [String] {
        let folders = Dictionary(grouping: tree.paths) { path in
            path.split(separator: "/").dropLast().joined(separator: "/")
        }
        return folders.filter { $0.value.count > folderFiles && crowdedFolders[$0.key] == nil }
            .map { folder, files in
                "\(folder): \(files.count) files, allowed are \(folderFiles); "
                    + "make a folder for those that belong together"
            }
            .sorted()
    }
}
