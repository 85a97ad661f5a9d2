// The fold, operation by operation, and what it refuses.

import TallyCore
import TallyCrypto
import Testing

@Suite struct StreamFoldTests {
    private let ilze = PersonalName(subject: "person:1")

    private func fold(_ steps: [FoldStep]) throws -> DocumentContent? {
        try StreamFold.fold(FoldStep.events(steps))
    }

    @Test func nothingIsNoDocument() throws {
        #expect(try fold([]) == nil)
        #expect(try fold([.note]) == nil)
        #expect(try fold([.delete]) == nil)
    }

    @Test func aPutReplacesEverythingPersonalSectionsToo() throws {
        let document = try fold([
            .put(#"{"a":1,"b":2}"#, ["person:1": #"{"name":"Ilze"}"#]), .put(#"{"c":3}"#),
        ])
        #expect(document?.data == ["c": 3])
        #expect(document?.personal.isEmpty == true)
        #expect(document?.partDigests.isEmpty == true)
    }

    @Test func aPatchMergesIntoDataAndNamedSections() throws {
        let document = try fold([
            .put(#"{"a":1,"b":2}"#, ["person:1": #"{"name":"Ilze","x":1}"#, "person:2": "{}"]),
            .patch(#"{"a":null,"c":3}"#, ["person:1": #"{"x":null,"age":30}"#]),
        ])
        #expect(document?.data == ["b": 2, "c": 3])
        #expect(document?.personal[ilze] == ["name": "Ilze", "age": 30])
        #expect(document?.personal.count == 2)
        #expect(document?.partDigests.count == 3)
    }

    @Test func aPatchOfNullRemovesASection() throws {
        let steps: [FoldStep] = [
            .put("1", ["person:1": #"{"n":1}"#, "person:2": "2"]), .patch("", ["person:1": "null"]),
        ]
        let document = try fold(steps)
        #expect(document?.personal == [PersonalName(subject: "person:2"): 2])
        // What was folded in stays counted, so that the state root is that of an erasure before it.
        #expect(document?.partDigests.count == 3)
        let again = try fold(steps + [.patch("", ["person:1": #"{"m":2,"x":null}"#])])
        #expect(again?.personal[ilze] == ["m": 2])
        #expect(try fold(steps + [.patch("", ["person:3": "null"])])?.personal.count == 1)
        #expect(try fold([.put("1", ["person:1": "null"])])?.personal[ilze] == .null)
    }

    @Test func aStoredPatchWithNullAsDataReplacesIt() throws {
        #expect(try fold([.put("1"), .patch("null")])?.data == .null)
    }

    @Test func aPatchOfNothingMakesADocument() throws {
        #expect(try fold([.patch(#"{"a":1}"#)])?.data == ["a": 1])
        #expect(try fold([.patch("", ["p": "{}"])])?.data == .null)
        #expect(try fold([.put("1"), .delete, .patch(#"{"a":1}"#)])?.data == ["a": 1])
    }

    @Test func aNoteChangesNothing() throws {
        let document = try fold([.put("1"), .note])
        #expect(document == (try fold([.put("1")])))
    }

    @Test func aRevertGoesBackToItsVersion() throws {
        let steps: [FoldStep] = [.put("1"), .put("2"), .delete, .revert(1)]
        #expect(try fold(steps)?.data == 1)
        #expect(try fold(steps + [.revert(2)])?.data == 2)
        #expect(try fold(steps + [.revert(3)]) == nil)
        #expect(try fold(steps + [.revert(0)]) == nil)
        #expect(try fold(steps + [.patch(#"{"a":1}"#), .revert(5)])?.data == ["a": 1])
    }

    @Test func aRevertTakesTheDigestsOfItsVersion() throws {
        let steps: [FoldStep] = [.put("1", ["p": "1"]), .patch("", ["p": "2"])]
        let digests = FoldStep.events(steps)[0].digests
        #expect(try fold(steps + [.revert(1)])?.partDigests == digests)
    }

    @Test func erasedPartsAreCountedSinceTheLastPut() throws {
        let steps: [FoldStep] = [
            .put("1", ["p": nil]), .patch("{}", ["p": nil, "q": "1"]), .patch("{}", ["p": "7"]),
        ]
        let document = try fold(steps)
        #expect(document?.erasedParts == 2)
        #expect(document?.personal.count == 2)
        #expect(document?.partDigests.count == 4)
        #expect(try fold(steps + [.put("2")])?.erasedParts == 0)
    }

    @Test(arguments: [
        ([FoldStep.put("1"), .revert(2)], 2), ([.put("1"), .revert(1), .revert(2)], 3),
        ([.revert(-1)], 1), ([.put("1"), .revert(9)], 2),
    ])
    func aRevertMustNotNameItselfTheFutureOrARevert(steps: [FoldStep], version: Int) {
        #expect(throws: FoldError(.revert, at: version)) { try fold(steps) }
    }

    @Test func whatDoesNotCountIsNotJudged() throws {
        // A bad revert behind a put was never part of the document.
        #expect(try fold([.revert(7), .put("1")])?.data == 1)
    }

    @Test func aGapIsRefused() {
        var events = FoldStep.events([.put("1"), .patch("{}"), .patch("{}")])
        events.remove(at: 1)
        #expect(throws: FoldError(.gap, at: 2)) { try StreamFold.fold(events) }
    }

    @Test func whatIsNotJSONIsRefused() {
        #expect(throws: FoldError(.json, at: 1)) { try fold([.put("{")]) }
        #expect(throws: FoldError(.json, at: 2)) { try fold([.put("1"), .patch("{}", ["p": ""])]) }
    }
}
