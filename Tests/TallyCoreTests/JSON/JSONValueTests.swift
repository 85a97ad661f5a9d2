// Literals and accessors of JSON values.
// They are how the rest of the code writes and reads clear parts.

import TallyCore
import Testing

/// Literals and accessors.
@Suite struct JSONValueTests {
    @Test("a literal is the value it looks like")
    func literals() throws {
        let value: JSONValue = [
            "id": 7, "name": "x", "flags": [true, false, nil], "inner": ["empty": [:], "list": []],
        ]
        let text = #"{"id":7,"name":"x","flags":[true,false,null],"inner":{"empty":{},"list":[]}}"#
        #expect(try JSONReader.parse(Array(text.utf8)) == value)
    }

    @Test("an accessor gives its kind and nothing else")
    func accessors() {
        let values: [JSONValue] = [nil, true, 7, "x", [1], ["a": 1]]
        #expect(values.map { $0 == .null } == [true, false, false, false, false, false])
        #expect(values.map(\.boolValue) == [nil, true, nil, nil, nil, nil])
        #expect(values.map(\.int64Value) == [nil, nil, 7, nil, nil, nil])
        #expect(values.map(\.uint64Value) == [nil, nil, 7, nil, nil, nil])
        #expect(values.map(\.numberValue?.text) == [nil, nil, "7", nil, nil, nil])
        #expect(values.map(\.stringValue) == [nil, nil, nil, "x", nil, nil])
        #expect(values.map(\.arrayValue) == [nil, nil, nil, nil, [1], nil])
        #expect(values.map(\.objectValue) == [nil, nil, nil, nil, nil, ["a": 1]])
    }

    @Test("integers that do not fit are absent")
    func unfit() {
        #expect((-1 as JSONValue).uint64Value == nil)
        #expect(JSONValue.number(JSONNumber(UInt64.max)).int64Value == nil)
    }
}
