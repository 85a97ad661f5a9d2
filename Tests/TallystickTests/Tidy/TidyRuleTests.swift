// The rules themselves: each is shown a fault that it must find, and a neighbour that it must not.

import Testing

/// A tidy rule that finds nothing proves nothing until it was seen to bite.
@Suite struct TidyRuleTests {
    private func tree(_ path: String, _ text: String) -> SourceTree {
        SourceTree([SourceFile(path: path, text: text)])
    }

    private func lines(_ count: Int) -> String { String(repeating: "//\n", count: count) }

    private func function(_ count: Int) -> String {
        "func long() {\n" + String(repeating: "    step()\n", count: count - 2) + "}\n"
    }

    @Test func fileLength() {
        #expect(SizeRules.longFiles(tree("Sources/A/B.swift", lines(500))).isEmpty)
        #expect(SizeRules.longFiles(tree("Sources/A/B.swift", lines(501))).count == 1)
        #expect(SizeRules.longFiles(tree("docs/format/b.py", lines(501))).isEmpty)
    }

    @Test func lineWidth() {
        let words = "let a = " + String(repeating: "b", count: 92)
        #expect(SizeRules.wideLines(tree("Sources/A/B.swift", words)).isEmpty)
        #expect(SizeRules.wideLines(tree("Sources/A/B.swift", words + "b")).count == 1)
        #expect(SizeRules.wideLines(tree("schema/a/migrations/1.sql", words + "b")).isEmpty)
        let text = "    " + String(repeating: "b", count: 120)
        #expect(SizeRules.wideLines(tree("Sources/A/B.swift", text)).isEmpty)
    }

    @Test(arguments: [
        ("Sources/A/Sealer.swift", "struct Sealer {}", 0),
        ("Sources/A/Sealer+Keys.swift", "extension Sealer {}", 0),
        ("Sources/A/WithLedger.swift", "func withLedger() {}", 0),
        ("Sources/A/Sealer.swift", "struct Sealers {} // struct Sealer", 1),
        ("Sources/A/Keys.swift", "extension Sealer {}", 1),
    ])
    func fileNames(path: String, text: String, count: Int) {
        #expect(NameRules.strangerFiles(tree(path, text)).count == count)
    }

    @Test func functionLength() {
        #expect(SizeRules.longFunctions(tree("Tests/A/B.swift", function(70))).isEmpty)
        #expect(SizeRules.longFunctions(tree("Tests/A/B.swift", function(71))).count == 1)
    }

    @Test func folderSize() {
        let names = (1...12).map { "Sources/A/File\($0).swift" }
        #expect(SizeRules.crowded(SourceTree([], others: names)).isEmpty)
        #expect(SizeRules.crowded(SourceTree([], others: names + ["Sources/A/C/D.c"])).isEmpty)
        #expect(SizeRules.crowded(SourceTree([], others: names + ["Sources/A/m.md"])).count == 1)
        for folder in SizeRules.crowdedFolders.keys {
            let many = (1...13).map { "\(folder)/\($0).json" }
            #expect(SizeRules.crowded(SourceTree([], others: many)).isEmpty)
        }
    }

    @Test(arguments: [
        "Sources/A/StringUtils.swift", "Sources/A/Helpers.swift", "Sources/Common/A.swift",
        "Tests/A/KeyManager.swift", "Tests/A/TestHelper.swift",
    ])
    func names(path: String) {
        #expect(TextRules.drawers(tree(path, "")).count == 1)
        #expect(TextRules.drawers(tree("Sources/A/Sealer.swift", "Helpers")).isEmpty)
    }

    @Test(arguments: ["import A\n", "\n// late\n", "/// A type.\n", "//\n", ""])
    func openings(text: String) {
        #expect(TextRules.withoutOpening(tree("Sources/A/B.swift", text)).count == 1)
        #expect(TextRules.withoutOpening(tree("Sources/A/B.swift", "// Why.\n" + text)).isEmpty)
        #expect(TextRules.withoutOpening(tree("Tests/A/B.swift", text)).isEmpty)
    }

    @Test(arguments: ["TO" + "DO", "FIX" + "ME"], ["a.swift", "b.sql", "c.py", "d.sh"])
    func marks(mark: String, name: String) {
        func found(_ text: String) -> Int {
            TextRules.looseMarks(tree("schema/\(name)", text)).count
        }
        #expect(found("-- \(mark) later\n") == 1)
        #expect(found("-- \(mark): #12\n\n# \(mark)(#)\n") == 2)
        #expect(found("-- \(mark)(#12) and \(mark)\n") == 1)
        #expect(found("-- \(mark)(#12): here\n") == 0)
    }

    @Test(arguments: [
        "import Foundation", "package import TallyStore", "@testable import TallyStore",
        "@_exported public import Foundation", "import struct Glibc.stat", "  import Dispatch",
    ])
    func layers(line: String) {
        #expect(LayerRules.violations(tree("Sources/TallyCore/A.swift", line)).count == 1)
        #expect(LayerRules.violations(tree("Tests/TallyCoreTests/A.swift", line)).isEmpty)
        #expect(LayerRules.violations(tree("Sources/TallyCore/A.swift", "// \(line)")).isEmpty)
    }

    @Test func schemaFunctions() {
        let path = "schema/ledger/functions/a/f.sql"
        let sound = """
            CREATE OR REPLACE FUNCTION tally.f() RETURNS void LANGUAGE sql AS '';
            ALTER FUNCTION tally.f OWNER TO tally_owner;
            REVOKE ALL ON FUNCTION tally.f FROM PUBLIC;
            """
        func found(_ text: String, _ rule: (SourceTree) -> [String]) -> Int {
            rule(tree(path, text)).count
        }
        #expect(found(sound, SchemaRules.strayFunctions) == 0)
        #expect(found(sound, SchemaRules.unguarded) == 0)
        #expect(found(sound, SchemaRules.long) == 0)
        let other = sound.replacing("tally.f(", with: "tally.g(")
        #expect(found(other, SchemaRules.strayFunctions) == 1)
        #expect(found(sound + sound, SchemaRules.strayFunctions) == 1)
        #expect(found(sound.replacing("OWNER", with: "RENAME"), SchemaRules.unguarded) == 1)
        #expect(found(sound.replacing("REVOKE", with: "GRANT"), SchemaRules.unguarded) == 1)
        let line = String(repeating: "x", count: SchemaRules.lineLength + 1)
        #expect(found(line, SchemaRules.long) == 1)
        let lines = String(repeating: "x\n", count: SchemaRules.functionLines + 1)
        #expect(found(lines, SchemaRules.long) == 1)
    }

    @Test(arguments: [
        ("f(p_head tally.head, p_kind int) RETURNS bigint", 1),
        ("f(p_tenant uuid)\n    RETURNS SETOF tally_keys.tenant_wrap\n   ", 1),
        ("f(\n    p_head tally.head, p_request tally.request\n) RETURNS tally.erasure", 3),
        ("f(p_tables tally.head[] DEFAULT NULL) RETURNS void", 1),
        ("f(p_tenant uuid)\n    RETURNS TABLE (tenant_id uuid, size bigint)\n   ", 0),
        ("f(p_at bigint DEFAULT tally.now_micros()) RETURNS void", 0),
    ])
    func rowTypes(signature: String, count: Int) {
        let text = """
            -- CREATE OR REPLACE and what it has of tally.head.
            CREATE OR REPLACE FUNCTION tally.\(signature) LANGUAGE plpgsql AS $$
            DECLARE
                v_head tally.head;
            """
        #expect(SchemaRules.rowTypes(tree("schema/a/functions/b/f.sql", text)).count == count)
        #expect(SchemaRules.rowTypes(tree("schema/a/guards.sql", text)).isEmpty)
    }

    @Test func calledSettings() {
        func found(_ path: String, _ text: String) -> Int {
            SchemaRules.calledSettings(tree(path, text)).count
        }
        let call = "PERFORM set_config('tally.tenant', '', true);"
        #expect(found("schema/a/functions/b/f.sql", call) == 1)
        #expect(found("schema/a/guards.sql", call.replacing("('", with: "(\n    '")) == 1)
        #expect(found("Sources/A/B.swift", call) == 1)
        #expect(found("Tests/A/B.swift", call) == 0)
        #expect(found("schema/a/guards.sql", call.replacing("tally.tenant", with: "x.y")) == 0)
        #expect(found("schema/a/guards.sql", "SET LOCAL tally.tenant = '';") == 0)
    }

    @Test func unknownModule() {
        let found = LayerRules.violations(tree("Sources/TallyNew/A.swift", "import TallyCore"))
        #expect(found.count == 1)
        let known = tree("Sources/TallyCore/A.swift", "package import TallyCrypto")
        #expect(LayerRules.violations(known).isEmpty)
    }

    @Test func cModules() {
        func found(_ modules: String...) -> Int {
            let wrapped = LayerRules.cModules.filter { $0 != "CLZ4" }.map { name in
                SourceFile(path: "Sources/Of\(name)/A.swift", text: "import \(name)")
            }
            let wrappers = modules.map { module in
                SourceFile(path: "Sources/\(module)/A.swift", text: "internal import CLZ4")
            }
            return LayerRules.sharedCModules(SourceTree(wrapped + wrappers)).count
        }
        #expect(found("TallyLZ4") == 0)
        #expect(found("TallyLZ4", "TallyStore") == 1)
        #expect(found() == 1)
    }

    @Test(arguments: ["BIO_new_mem_" + "buf(pem, 3)", "OSSL_PARAM_" + "construct_end()"])
    func pointers(call: String) {
        let line = "let kept = \(call)"
        #expect(PointerRules.keptPointers(tree("Sources/A/B.swift", line)).count == 1)
        #expect(PointerRules.keptPointers(tree("Sources/C/shim.h", line)).isEmpty)
    }

    @Test(arguments: [
        "var names: [String: Int] = [:]", "let seen = Set<String>()",
        "func by(_ key: [Int: [String: Bool]]) {}", "guard section.name.subject == wanted else {}",
        "return own.actor != event.actor",
    ])
    func nameKeys(line: String) {
        func found(_ path: String, _ text: String) -> Int {
            let tree = tree(path, text)
            return NameRules.stringKeys(tree).count + NameRules.stringComparisons(tree).count
        }
        #expect(found("Sources/A/B.swift", line) == 1)
        #expect(found("Tests/A/B.swift", line) == 0)
        #expect(found("Sources/A/B.swift", "// \(line)") == 0)
        #expect(
            found("Sources/A/B.swift", "guard a.subject == nil, a.subjectTag == b else {}") == 0
        )
        #expect(found("Sources/A/B.swift", "let byName: [ByteText: Int] = [:]") == 0)
    }

    @Test func root() {
        let good = ["Package.swift", "Sources/A/B.swift", ".ci/run", ".ci/prepare", "LICENSE"]
        #expect(RootRules.strangers(good).isEmpty)
        #expect(RootRules.strangers(good + ["notes.md", ".ci/more", "tools/a"]).count == 3)
    }

    @Test func documentPaths() {
        let page = "| `schema/none.sql` | `Sources/TallyNone` | `NewEvent` | tests/`docs` |"
        #expect(RootRules.paths(in: page) == ["schema/none.sql", "Sources/TallyNone"])
        #expect(RootRules.deadPaths(page, root: SourceTree.root).count == 2)
        #expect(RootRules.deadPaths("`Tests/TallystickTests`", root: SourceTree.root).isEmpty)
    }
}
