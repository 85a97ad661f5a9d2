// Objects keep their members' order and find them by key, few or many.
// Callers edit clear parts through the subscript.

import TallyCore
import Testing

/// Members of objects.
@Suite struct JSONObjectTests {
    @Test("members come, change and go", arguments: [3, 31, 32, 33, 34, 300])
    func editing(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["k\(number)"] = .number(JSONNumber(number)) }
        #expect(object.count == count)
        #expect(object.members.map(\.key.string) == (0..<count).map { "k\($0)" })
        object["k1"] = "changed"
        #expect(object.members[1].value == "changed")
        object["k0"] = nil
        object["absent"] = nil
        #expect(object.count == count - 1)
        #expect(object["k0"] == nil)
        #expect(object["k1"] == "changed")
        for number in 2..<count { #expect(object["k\(number)"]?.int64Value == Int64(number)) }
        object["k0"] = true
        #expect(object.members.last?.key == "k0")
        #expect(object["k0"] == true)
    }

    @Test("a null member is not an absent one")
    func null() {
        var object: JSONObject = ["a": nil]
        #expect(object["a"] == .some(.null))
        #expect(object["b"] == nil)
        object["a"] = .some(.null)
        #expect(object.count == 1)
    }

    @Test("a key given again replaces the value in its place")
    func replacing() {
        let object: JSONObject = ["a": 1, "b": 2, "a": 3]
        #expect(object.members.map(\.key) == ["a", "b"])
        #expect(object["a"] == 3)
    }

    @Test("equality and hash do not depend on the order", arguments: [2, 50])
    func equality(count: Int) {
        let members = (0..<count).map { (key: JSONString("k\($0)"), value: JSONValue.bool($0 > 1)) }
        let one = JSONObject(members)
        var two = JSONObject(members.reversed())
        #expect(one == two)
        #expect(one.hashValue == two.hashValue)
        two["k0"] = nil
        #expect(one != two)
        two["k0"] = "other"
        #expect(one != two)
        #expect(one != JSONObject())
    }

    @Test("keys that Swift's strings would confuse are two")
    func equivalence() throws {
        let value = try JSONReader.parse(Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        let object = try #require(value.objectValue)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
    }
}
