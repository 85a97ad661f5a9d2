// The repository against its own rules: sizes, names, layers, and what stands at the root.
// The rules and their bounds are in Tidy/, where each one is also shown a fault that it must find.

import Foundation
import Testing

/// Each test reports every break of one rule, with what to do about it.
@Suite struct TidyTests {
    private static let tree = Result { try SourceTree(root: SourceTree.root) }

    private func tree() throws -> SourceTree { try Self.tree.get() }

    private func expectNone(
        _ violations: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for violation in violations {
            Issue.record(Comment(rawValue: violation), sourceLocation: sourceLocation)
        }
    }

    @Test("the walk finds the product, its tests and its SQL")
    func walk() throws {
        let paths = try tree().paths
        for folder in ["Sources/Tallystick/", "Tests/TallystickTests/", "schema/ledger/"] {
            #expect(paths.contains { $0.hasPrefix(folder) }, "nothing under \(folder)")
        }
        #expect(try tree().swiftFiles.count > 50)
    }

    @Test("a Swift file has at most 500 lines")
    func fileLength() throws { expectNone(SizeRules.longFiles(try tree())) }

    @Test("a function has at most 70 lines")
    func functionLength() throws { expectNone(SizeRules.longFunctions(try tree())) }

    @Test("a line has at most 100 columns")
    func lineWidth() throws { expectNone(SizeRules.wideLines(try tree())) }

    @Test("a file is named after what it declares or extends")
    func fileNames() throws { expectNone(NameRules.strangerFiles(try tree())) }

    @Test("a folder has at most 12 files")
    func folderSize() throws { expectNone(SizeRules.crowded(try tree())) }

    @Test("a function of the schema has a file, an owner and rights of its own, and can be read")
    func schemaFunctions() throws {
        let tree = try tree()
        expectNone(SchemaRules.strayFunctions(tree) + SchemaRules.unguarded(tree))
        expectNone(SchemaRules.long(tree))
    }

    @Test("no function takes or gives a table's row type")
    func rowTypes() throws { expectNone(SchemaRules.rowTypes(try tree())) }

    @Test("no function call makes a setting of ours")
    func calledSettings() throws { expectNone(SchemaRules.calledSettings(try tree())) }

    @Test("no name is a drawer for anything")
    func names() throws { expectNone(TextRules.drawers(try tree())) }

    @Test("every file of the product opens with its purpose")
    func openings() throws { expectNone(TextRules.withoutOpening(try tree())) }

    @Test("unfinished work has the number of an issue")
    func marks() throws { expectNone(TextRules.looseMarks(try tree())) }

    @Test("no C function that keeps a pointer is called from Swift")
    func pointers() throws { expectNone(PointerRules.keptPointers(try tree())) }

    @Test("names and ids are keys and compared by their bytes")
    func nameKeys() throws {
        expectNone(NameRules.stringKeys(try tree()) + NameRules.stringComparisons(try tree()))
    }

    @Test("modules import only what their layer allows")
    func layers() throws { expectNone(LayerRules.violations(try tree())) }

    @Test("each C module has exactly one Swift module around it")
    func cModules() throws { expectNone(LayerRules.sharedCModules(try tree())) }

    @Test("nothing stands at the root that does not belong there")
    func root() throws {
        // A source archive has no list of tracked files, and nothing that could be checked.
        guard let tracked = try RootRules.tracked(SourceTree.root) else { return }
        #expect(tracked.contains("Package.swift"))
        expectNone(RootRules.strangers(tracked))
    }

    @Test("every file that the architecture page names is there")
    func architecture() throws {
        let page = SourceTree.root.appending(path: "docs/architecture.md")
        let document = try String(contentsOf: page, encoding: .utf8)
        #expect(!RootRules.paths(in: document).isEmpty)
        expectNone(RootRules.deadPaths(document, root: SourceTree.root))
    }
}
