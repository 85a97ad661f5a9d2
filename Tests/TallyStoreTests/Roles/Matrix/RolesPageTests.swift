// What each role can really do, from the catalogs: docs/operating/roles.md is written by `make
// facts` and compared here, so that nobody gets a right without a line that says so.

import Foundation
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct RolesPageTests {
    private static let writes = ProcessInfo.processInfo.environment["TALLY_WRITE_DOCS"] == "1"
    private static let begin = "<!-- written by make facts -->"
    private static let end = "<!-- end -->"

    private static var page: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../../docs/operating/roles.md"
        )
    }

    @Test func thePageSaysWhatEachRoleMayDo() async throws {
        let superuser = try Database.superuser()
        let facts = try SchemaFact.read(of: .ledger, on: superuser)
        let keys = try Connection(
            ConnectionConfiguration(uri: TestLedger.current.configuration.keys)
        )
        let keyFacts = try SchemaFact.read(of: .keys, on: keys)
        let rights =
            try PrivilegeMatrix.roles.map { ($0, try RoleRights($0, facts, superuser)) }
            + KeyPrivilegeTests.roles.map { ($0, try RoleRights($0, keyFacts, keys)) }
        let written = rights.map { "## \($0)\n\n" + $1.lines.joined(separator: "\n") }
            .joined(separator: "\n\n")
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let parts = text.split(separator: Self.begin, omittingEmptySubsequences: false)
        let rest = try #require(parts.last).split(
            separator: Self.end,
            omittingEmptySubsequences: false
        )
        try #require(parts.count == 2 && rest.count == 2, "the page has no place for it")
        if Self.writes {
            let page = "\(parts[0])\(Self.begin)\n\n\(written)\n\n\(Self.end)\(rest[1])"
            try Data(page.utf8).write(to: Self.page)
        } else {
            let found = rest[0].trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(found == written, "run make facts, and read what changed")
        }
    }
}

/// The rights of a role, in lines of Markdown.
private struct RoleRights {
    let lines: [String]

    init(_ role: String, _ facts: [SchemaFact], _ superuser: Connection) throws {
        let granted = facts.filter { $0.kind == "grant" && $0.value.hasSuffix(" to \(role)") }
        func objects(_ right: String) -> [String] {
            granted.filter { $0.value.hasPrefix("\(right) to ") }.map(\.object)
        }
        var lines = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"].compactMap { right in
            Self.line("- \(right): ", Self.tables(objects(right)))
        }
        let functions = try Self.functions(objects("EXECUTE"), superuser)
        lines += [
            Self.line("- with the rights of an owner: ", functions.definer),
            Self.line("- with its own rights: ", functions.invoker),
        ].compactMap(\.self)
        let owned = facts.filter { $0.kind == "owner" && $0.value == role }.map(\.object)
        lines += [
            Self.line("- owns the functions: ", owned.filter { $0.contains("(") }.map(Self.name)),
            Self.line(
                "- owns the tables: ",
                owned.filter { !$0.contains("(") && $0.contains(".") }.map(Self.name)
            ),
            Self.line(
                "- row security: ",
                Self.security(role, facts, of: Set(granted.map(\.object)))
            ),
        ].compactMap(\.self)
        self.lines = lines
    }

    private static func line(_ what: String, _ objects: [String]) -> String? {
        guard !objects.isEmpty else { return nil }
        return what + Array(Set(objects)).sorted().map { "`\($0)`" }.joined(separator: ", ")
    }

    private static func name(_ object: String) -> String {
        String(object.prefix { $0 != "(" }).replacing(/^tally(_keys)?\./, with: "")
    }

    /// Tables, of some only columns.
    private static func tables(_ objects: [String]) -> [String] {
        let parts = objects.map { $0.split(separator: ".").map(String.init) }
        let whole = parts.filter { $0.count == 2 }.map { $0[1] }
        let columns = Dictionary(grouping: parts.filter { $0.count == 3 }) { $0[1] }
        return whole
            + columns.map { table, parts in
                "\(table) (\(parts.map { $0[2] }.sorted().joined(separator: ", ")))"
            }
    }

    private static func functions(
        _ objects: [String],
        _ superuser: Connection
    ) throws -> (definer: [String], invoker: [String]) {
        let definer = Set(
            try superuser.texts(
                """
                SELECT proname::text FROM pg_proc
                WHERE pronamespace IN (to_regnamespace('tally'), to_regnamespace('tally_keys'))
                    AND prosecdef
                """
            )
        )
        let names = objects.map(name)
        return (names.filter { definer.contains($0) }, names.filter { !definer.contains($0) })
    }

    /// How its rows are chosen, where row security binds the role.
    private static func security(
        _ role: String,
        _ facts: [SchemaFact],
        of granted: Set<String>
    ) -> [String] {
        let bound = facts.filter { fact in
            guard fact.kind == "policy" else { return false }
            let roles =
                fact.value.components(separatedBy: " using ")[0]
                .components(separatedBy: " to ").last ?? ""
            return roles.split(separator: ",").contains { $0 == role }
        }
        return bound.compactMap { fact in
            let words = fact.object.split(separator: " ").map(String.init)
            let isReached = granted.contains { $0 == words[0] || $0.hasPrefix(words[0] + ".") }
            guard isReached, words.count == 2 else { return nil }
            return "\(Self.name(words[0])): \(words[1].replacing("_", with: " "))"
        }
    }
}
