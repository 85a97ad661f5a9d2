// tally key: what stayed lost is said and has an exit code, and the KEKs of a ledger are taken over
// by its name only.

import Foundation
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct KeyCommandTests {
    private func tally(_ words: String...) throws -> TallyProcess { try TallyProcess.run(words) }

    private static func keks() throws -> [String] {
        let folder = try TestLedger.current.configuration.kekDirectory
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".kek") }.map { "\(folder)/\($0)" }
    }

    @Test func aLedgerIsAdoptedByItsName() throws {
        let another = try tally("key", "adopt", "example.com/another", "--yes")
        #expect(another.status == 1 && another.errors.contains("this is another ledger"))
        let unasked = try tally("key", "adopt", "test.example/rounds/1")
        #expect(unasked.status == 64 && unasked.errors.contains("--yes"))
        let dry = try tally("key", "adopt", "test.example/rounds/1", "--dry-run")
        #expect(dry.status == 0 && dry.errors.hasPrefix("would take the KEKs"))
        let adopted = try tally("key", "adopt", "test.example/rounds/1", "--yes", "-o", "json")
        #expect(adopted.status == 0 && adopted.output.contains(#""result":"unchanged""#))
    }

    @Test func aKEKThatIsGoneIsSaidByEveryCommandOfKeys() throws {
        #expect(try tally("tenant", "create", "acme").status == 0)
        for kek in try Self.keks() { try FileManager.default.removeItem(atPath: kek) }
        let doctor = try tally("doctor")
        #expect(doctor.status == 9 && doctor.output.contains("its KEK is missing"))
        for words in [["key", "rotate"], ["key", "rotate", "--dry-run"]] {
            let rotate = try TallyProcess.run(words)
            #expect(rotate.status == 1 && rotate.errors.contains("the KEK of epoch 1 is missing"))
        }
        let restore = try tally("key", "restore")
        #expect(restore.status == 1 && restore.errors.contains("epoch 1: its KEK is missing"))
        let foreseen = try tally("key", "give-up", "1", "--dry-run")
        #expect(foreseen.status == 0 && foreseen.errors.hasPrefix("would give up epoch 1"))
    }
}
