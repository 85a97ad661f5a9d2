// What a column takes from a document, and what it refuses.

import TallyCore
import TallyStore
import Testing

@testable import TallyReplay

struct ColumnTests {
    private static func content() throws -> DocumentContent {
        var content = DocumentContent()
        content.data = try JSONReader.parse(
            Array(#"{"a":{"b":1},"lines":[{"unit price":"2"},null],"é":true,"n":null}"#.utf8)
        )
        for (name, text) in [
            ("customer:2", #"{"name":"B"}"#), ("customer:10#tax", #"{"vat":"LV"}"#),
            ("user:1", #"{"name":"U","address":{"city":"Rīga"}}"#),
        ] {
            let halves = name.split(separator: "#").map(String.init)
            let key = PersonalName(
                subject: halves[0],
                retentionClass: halves.count > 1 ? halves[1] : ""
            )
            content.personal[key] = try JSONReader.parse(Array(text.utf8))
        }
        return content
    }

    @Test(
        arguments: [
            ("$.data.a.b", nil, "1"), ("$['data'][\"a\"]['b']", nil, "1"),
            ("$.data.lines[0]['unit price']", nil, #""2""#), ("$.data.é", nil, "true"),
            ("$.data.lines[1]", nil, "null"), ("$.data.lines[2]", nil, nil),
            ("$.data.lines.length", nil, nil), ("$.data.a[0]", nil, nil),
            ("$.personal.*.name", nil, #""B""#), ("$.personal.*.name", "user:*", #""U""#),
            ("$.personal[*].vat", nil, #""LV""#),
            ("$.personal['user:1'].address.city", nil, #""Rīga""#),
            ("$.personal['customer:10#tax'].vat", nil, #""LV""#),
            ("$.personal.*.name", "customer:10*", nil),
            ("$.personal.*.vat", "customer:1*", #""LV""#),
            ("$.personal", "user:1", #"{"user:1":{"address":{"city":"Rīga"},"name":"U"}}"#),
        ] as [(String, String?, String?)]
    )
    func pathsLeadToValues(path: String, subject: String?, json: String?) throws {
        let subjects = try subject.map { try SubjectPattern($0) }
        let value = try ColumnPath(path).value(Self.content(), subjects)
        #expect(value.map { String(decoding: $0.canonical(), as: UTF8.self) } == json)
    }

    @Test(arguments: [
        "", "$", "data", "$data", "$.", "$.other", "$.data.", "$.data..a", "$.data.*", "$.data[*]",
        "$.data[-1]", "$.data[01]", "$.data[]", "$.data['a]", "$.data['a'", "$.data['a\\'b']",
        "$.data.1a", "$.data.a-b", "$.data a", "$.personal.*.*", "$.personal.a.*", "$.*",
        "$.data[99999999999999999999]", "$.data" + String(repeating: ".a", count: 16),
        "$.data." + String(repeating: "a", count: 600),
    ])
    func otherPathsAreRefused(path: String) {
        #expect(throws: Problem.self) { try ColumnPath(path) }
    }

    @Test(arguments: ["", "*a", "a*b*", "**", String(repeating: "a", count: 256)])
    func otherPatternsAreRefused(pattern: String) {
        #expect(throws: Problem.self) { try SubjectPattern(pattern) }
    }

    @Test(
        arguments: [
            (.text, #""é""#, "é"), (.text, "1", nil),
            (.bigint, "-9223372036854775808", "-9223372036854775808"),
            (.bigint, "9223372036854775808", nil), (.bigint, "1.0", nil), (.bigint, "1e2", nil),
            (.numeric, "12345678901234567890.10", "12345678901234567890.10"),
            (.numeric, "1e400", "1e400"), (.numeric, "1e99999", nil),
            (.numeric, "1e-99999", nil), (.numeric, "1E999999999999999999999", nil),
            (.numeric, #""1""#, nil), (.boolean, "true", "true"), (.boolean, "0", nil),
            (.timestamptz, #""2026-11-20T12:00:30.5+02:00""#, "2026-11-20T10:00:30.500000Z"),
            (.timestamptz, #""0001-01-01T00:00Z""#, "0001-01-01T00:00:00.000000Z"),
            (.timestamptz, #""2026-11-20 12:00z""#, "2026-11-20T12:00:00.000000Z"),
            (.timestamptz, #""2026-11-20T12:00-16:00""#, "2026-11-21T04:00:00.000000Z"),
            (
                .timestamptz, #""1969-12-31T23:59:59.9999999Z""#,
                "1969-12-31T23:59:59.999999Z"
            ),
            (.timestamptz, #""2026-11-20T12:00""#, nil),
            (.timestamptz, #""2026-11-20""#, nil), (.timestamptz, #""now""#, nil),
            (.date, #""1931-02-28""#, "1931-02-28"), (.date, #""1931-02-29""#, nil),
            (.date, #""2026-11-20T12:00Z""#, nil), (.date, #""0000-01-01""#, nil),
            (
                .uuid, #""0190d2c4-7b3a-7000-8000-0123456789aB""#,
                "0190d2c4-7b3a-7000-8000-0123456789aB"
            ),
            (.uuid, #""0190d2c47b3a700080000123456789ab""#, nil), (.uuid, #""""#, nil),
            (.jsonb, #"{"b":[1e400],"a":null}"#, #"{"a":null,"b":[1e400]}"#),
            (.jsonb, #"{"b":[1e99999]}"#, nil),
        ] as [(ColumnType, String, String?)]
    )
    func valuesBecomeTexts(type: ColumnType, json: String, text: String?) throws {
        #expect(type.text(of: try JSONReader.parse(Array(json.utf8))) == text)
    }

    @Test func aTableIsRefusedUnlessItsPartsGoTogether() throws {
        let name = try TableColumn("name", from: ColumnPath("$.personal.*.name"))
        let stage = try TableColumn("stage", from: ColumnPath("$.data.stage"))
        let any = try TableColumn("any", .jsonb, from: ColumnPath("$.data"))
        func table(
            _ table: String = "t",
            _ columns: [TableColumn] = [name, stage, any],
            _ indexes: [[String]] = [],
            logged: Bool? = nil
        ) throws -> TableDefinition {
            try TableDefinition(
                name: table,
                collection: "c",
                columns: columns,
                indexes: indexes,
                isLogged: logged
            )
        }
        #expect(try table().isLogged == false && table("t", [stage]).isLogged)
        #expect(try table("t", [stage], logged: false).isLogged == false)
        let many = try (0...64).map { try TableColumn("c\($0)", from: ColumnPath("$.data.a")) }
        let refused: [() throws -> TableDefinition] = [
            { try table(logged: true) }, { try table("T") }, { try table("t-t") },
            { try table("") },
            { try table("a_old") }, { try table(String(repeating: "a", count: 57)) },
            { try table("t", []) }, { try table("t", many) }, { try table("t", [stage, stage]) },
            { try table("t", [TableColumn("stream", from: stage.path)]) },
            { try table("t", [TableColumn("a\"b", from: stage.path)]) },
            { try table("t", [stage], [[]]) }, { try table("t", [stage], [["other"]]) },
            { try table("t", [stage], [["stage", "stage"]]) }, { try table("t", [any], [["any"]]) },
        ]
        for table in refused { #expect(throws: Problem.self) { _ = try table() } }
        #expect(throws: Problem.self) {
            try TableColumn("x", from: stage.path, of: SubjectPattern("a"))
        }
        let whole = try table("t", [name, stage], [["stage"], ["name", "stage"]])
        #expect(try TableDefinition("t", json: whole.json).json == whole.json)
    }
}
