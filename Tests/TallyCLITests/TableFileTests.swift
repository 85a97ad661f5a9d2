// Files that declare tables: what is read, and what is refused with its line.

import TallyCore
import TallyReplay
import Tallystick
import Testing

@testable import TallyCLI

struct TableFileTests {
    private func tables(_ text: String) throws -> [TableDefinition] {
        try TableFile(path: "tables.yaml").tables(text)
    }

    @Test func whatIsDeclaredIsRead() throws {
        let found = try tables(
            """
            tables:
              contacts:
                collection: crm/contact
                columns:
                  stage: $.data.stage
                  limit: {from: $.data.credit.limit, type: numeric, mismatch: null}
                  name: {from: $.personal.*.name, subject: "customer:*"}
                indexes:
                  - [stage]
                  - [name, stage]
              stages:
                collection: ""
                logged: false
                columns: {a: {from: "$['data'].a", mismatch: stop}}
            """
        )
        #expect(
            found.map(\.json) == [
                #"{"collection":"crm/contact","columns":["#
                    + #"{"from":"$.data.stage","lenient":false,"name":"stage","type":"text"},"#
                    + #"{"from":"$.data.credit.limit","lenient":true,"name":"limit","#
                    + #""type":"numeric"},"#
                    + #"{"from":"$.personal.*.name","lenient":false,"name":"name","#
                    + #""subject":"customer:*","type":"text"}],"#
                    + #""indexes":[["stage"],["name","stage"]],"logged":false}"#,
                #"{"collection":"","columns":["#
                    + #"{"from":"$['data'].a","lenient":false,"name":"a","type":"text"}],"#
                    + #""indexes":[],"logged":false}"#,
            ]
        )
        #expect(found.map(\.name) == ["contacts", "stages"])
    }

    @Test(
        arguments: [
            ("", "tables.yaml:"), ("tables: 1", "tables.yaml:1: tables is no mapping"),
            ("views: {}", "tables.yaml:1: the file has no field views"),
            ("{}", "tables.yaml: there are no tables"), ("- a", "tables.yaml:1: the file is no"),
            ("tables: [", "tables.yaml: not YAML"),
            ("tables: &a {b: *a}", "tables.yaml"),
            ("tables:\n  a: {collection: c}", "tables.yaml:2: a has no collection or no"),
            ("tables:\n  a: {collection: c, columns: {}}", "tables.yaml:2: table a: 0 columns"),
            ("tables:\n  a: {collection: c, columns: {x: $.oops}}", "tables.yaml:2: $.oops is not"),
            ("tables:\n  a: {collection: c, columns: {x: [1]}}", "tables.yaml:2: x is no mapping"),
            (
                "tables:\n  a: {collection: c, columns: {x: {from: $.data, type: money}}}",
                "tables.yaml:2: there is no such type"
            ),
            (
                "tables:\n  a: {collection: c, columns: {x: {from: $.data, mismatch: maybe}}}",
                "tables.yaml:2: mismatch says neither"
            ),
            (
                "tables:\n  a: {collection: [], columns: {x: $.data.x}}",
                "tables.yaml:2: not a text"
            ),
            (
                "tables:\n  a: {collection: c, logged: maybe, columns: {x: $.data.x}}",
                "tables.yaml:2: neither true nor false"
            ),
            (
                "tables:\n  a: {collection: c, indexes: x, columns: {x: $.data.x}}",
                "tables.yaml:2: indexes are no lists"
            ),
            (
                "tables:\n  a: {collection: c, logged: true, columns: {x: $.personal.*.x}}",
                "tables.yaml:2: table a: a table with a personal column cannot be logged"
            ),
        ]
    )
    func whatIsNotUnderstoodIsRefusedWithItsLine(text: String, message: String) {
        let problem = #expect(throws: Problem.self) { try tables(text) }
        #expect(problem?.code == .invalid)
        #expect(problem?.message.hasPrefix(message) == true, "\(problem?.message ?? "")")
    }
}
