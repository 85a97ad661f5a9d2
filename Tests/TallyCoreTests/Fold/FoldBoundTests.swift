// How large a document may become, and how much of its events a fold holds.

import TallyCore
import Testing

@Suite struct FoldBoundTests {
    private static let piece = String(repeating: "x", count: 10 << 20)

    /// A patch that sets a member of ten mebibytes.
    private static func patch(_ member: Int) -> FoldStep { .patch("{\"m\(member)\":\"\(piece)\"}") }

    private static func fold(_ steps: [FoldStep]) throws -> DocumentContent? {
        try StreamFold.fold(FoldStep.events(steps))
    }

    @Test func aDocumentMayBeLargerThanAnyEvent() throws {
        let document = try Self.fold([.put("{}")] + (0..<5).map { Self.patch($0) })
        #expect(document?.data.objectValue?.count == 5)
        #expect(document?.byteCount == document?.data.canonical().count)
        #expect(try #require(document).weight >= 50 << 20)
    }

    @Test func beyondTheBoundItIsTooLargeUntilAPutOrDelete() throws {
        let steps = [.put("{}")] + (0..<13).map { Self.patch($0) }
        #expect(throws: FoldError(.tooLarge, at: 14)) { try Self.fold(steps) }
        #expect(throws: FoldError(.tooLarge, at: 14)) {
            try Self.fold(steps + [.patch(#"{"m1":null}"#)])
        }
        #expect(try Self.fold(steps + [.revert(3)])?.data.objectValue?.count == 2)
        #expect(try Self.fold(steps + [.put("1")])?.data == 1)
        #expect(try Self.fold(steps + [.delete]) == nil)
    }

    @Test func whatIsReplacedDoesNotCount() throws {
        let document = try Self.fold((0..<40).map { Self.patch($0 % 2) })
        #expect(document?.data.objectValue?.count == 2)
    }

    @Test func aChainHoldsTheNewestEventsAndThePlacesOfTheOthers() throws {
        let events = FoldStep.events([.put("{}")] + (0..<8).map { Self.patch($0) })
        var chain = FoldChain(from: events.count)
        while chain.next > 0 { try chain.take(events[chain.next - 1]) }
        #expect(chain.heldBytes <= FoldLimits.heldBytes)
        #expect(chain.released.map(\.version) == Array(1...6))
        #expect(chain.released.map(\.position) == (0..<6).map { 10 * $0 })
    }

    @Test(arguments: ["null", "true", "false", "-1.50", #""\u0001\n\"\\é/""#, "[]", "[1,2]", "{}"])
    func bytesAreCountedAsTheyAreWritten(text: String) throws {
        let value = try JSONReader.parse(Array(#"{"k\t":\#(text),"l":[\#(text)]}"#.utf8))
        #expect(value.canonicalByteCount == value.canonical().count)
    }
}
