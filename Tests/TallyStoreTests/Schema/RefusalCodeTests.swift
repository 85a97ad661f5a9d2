// One list of the codes with which SQL refuses: in the schema, in Swift and on the page.

import Foundation
import Testing

@testable import TallyStore

struct RefusalCodeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardized

    private static let codes = RefusalCode.allCases.map(\.rawValue)

    @Test func theFunctionsRefuseWithTheseAndNoOthers() throws {
        let schema = Self.root.appending(path: "schema")
        var used: Set<String> = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: schema.path)
        where path.hasSuffix(".sql") {
            let text = try String(contentsOf: schema.appending(path: path), encoding: .utf8)
            for match in text.matches(of: /ERRCODE = '(\w+)'/) {
                #expect(Self.codes.contains(String(match.1)), "\(path)")
                used.insert(String(match.1))
            }
        }
        #expect(used == Set(Self.codes))
    }

    @Test func thePageListsEachOnceAndInOrder() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/operating/errors.md"),
            encoding: .utf8
        )
        let listed = page.matches(of: /\n\| (TL\d+) \| ([a-z ]+) \|/)
        #expect(listed.map { String($0.1) } == Self.codes)
        for (row, code) in zip(listed, RefusalCode.allCases) {
            let words = "\(code)".replacing(/[A-Z]/) { " \($0.output.lowercased())" }
            #expect(String(row.2) == words)
        }
    }
}
