// A process whose clock is wrong, by the system's own means: behind keeps the order, ahead is
// refused.

import TallyCore
import TallyTesting
import Testing

@Suite(.database)
struct FalseClockTests {
    private func append(_ offset: String) throws -> TallyProcess {
        try TallyProcess.run(
            ["append", "acme", "s/1", "t", "--data", "1", "-o", "json"],
            offset: offset
        )
    }

    private func time(_ process: TallyProcess) throws -> String {
        let receipt = try JSONReader.parse(Array(process.output.utf8.dropLast()))
        return try #require(receipt.objectValue?["recorded_at"]?.stringValue)
    }

    @Test func aClockThatIsBehindKeepsTheOrderAndOneThatIsAheadIsRefused() throws {
        #expect(try TallyProcess.run(["tenant", "create", "acme"]).status == 0)
        let first = try append("+0s")
        #expect(first.status == 0, "\(first.errors)")
        let behind = try append("-1h")
        #expect(behind.status == 0, "\(behind.errors)")
        #expect(try time(behind) > time(first))
        let ahead = try append("+1h")
        #expect(ahead.status == 1)
        #expect(ahead.errors.contains("clock"), "\(ahead.errors)")
        let again = try append("+0s")
        #expect(try time(again) > time(behind))
        let listed = try TallyProcess.run(["event", "list", "acme", "-o", "id"])
        #expect(listed.output == "0\n1\n2\n3\n")
    }
}
