// The parts of a schema are whole: every file is embedded, once, and what is frozen has not
// changed.

import Foundation
import TallyCore
import TallyCrypto
import Testing

@testable import TallyStore

struct SchemaManifestTests {
    private static let writes = ProcessInfo.processInfo.environment["TALLY_WRITE_DOCS"] == "1"

    private static func folder(_ target: SchemaTarget) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../schema/\(target.rawValue)").standardized
    }

    private static func text(_ target: SchemaTarget, _ path: String) throws -> String {
        try String(contentsOf: folder(target).appending(path: path), encoding: .utf8)
    }

    /// The SQL files of a folder, in the order of their paths.
    private static func files(_ target: SchemaTarget, _ path: String) throws -> [String] {
        let root = folder(target).appending(path: path)
        let found = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return found.filter { $0.hasSuffix(".sql") }.map { "\(path)/\($0)" }.sortedByBytes()
    }

    @Test(arguments: SchemaTarget.allCases)
    func everyFunctionsFileIsEmbedded(_ target: SchemaTarget) throws {
        let files = try Self.files(target, "functions")
        let lines = files.map { "#embed \"\($0)\"\n    ,\n" }.joined()
        let list = """
            // Every function of the schema, one per file, in the order of their names;
            // written by make facts.

            """
        #expect(try Self.text(target, "functions.h") == list + lines, "run make facts")
        if !Self.writes {
            #expect(target.manifest.functions == (try Self.functions(target)), "build again")
        }
    }

    /// Functions and guards, as they are installed.
    private static func functions(_ target: SchemaTarget) throws -> String {
        try (["earlier.sql"] + files(target, "functions") + ["guards.sql"])
            .map { try text(target, $0) }.joined()
    }

    @Test(arguments: SchemaTarget.allCases)
    func theEditionIsThatOfItsFunctions(_ target: SchemaTarget) throws {
        let digest = SchemaManifest.digest(ofFunctions: try Self.functions(target))
        let line = "functions \(target.manifest.edition) \(digest.hex)"
        let manifest = try Self.text(target, "manifest")
        if Self.writes {
            let lines = manifest.split(separator: "\n").map {
                $0.hasPrefix("functions ") ? line : String($0)
            }
            try Data((lines.joined(separator: "\n") + "\n").utf8)
                .write(to: Self.folder(target).appending(path: "manifest"))
        } else {
            #expect(
                manifest.contains(line + "\n"),
                "count the edition up if the one before was released, then run make facts"
            )
        }
    }

    @Test(arguments: SchemaTarget.allCases)
    func migrationsAreEmbeddedNumberedAndFrozen(_ target: SchemaTarget) throws {
        let files = try Self.files(target, "migrations")
        let migrations = target.manifest.migrations
        #expect(migrations.map { "migrations/\($0.name).sql" } == files)
        for (index, migration) in migrations.enumerated() {
            let script = try Self.text(target, "migrations/\(migration.name).sql")
            #expect(migration.script == script, "build again")
            let frozen = "\(migration.name) is frozen: make another migration"
            #expect(migration.digests.first == SHA256.hash(Array(script.utf8)), "\(frozen)")
            #expect(Int(migration.name.prefix(4)) == index + 1)
        }
    }

    @Test func aBetterWordMakesNoOtherEdition() {
        let script = "-- What it does.\nSELECT 1;\n    -- Why.\nSELECT 2;\n"
        let better = "-- What it does, in a better word.\nSELECT 1;\n    -- Because.\nSELECT 2;\n"
        let digest = SchemaManifest.digest(ofFunctions: script)
        #expect(digest == SchemaManifest.digest(ofFunctions: better))
        #expect(digest != SchemaManifest.digest(ofFunctions: script + "SELECT 3;\n"))
    }
}
