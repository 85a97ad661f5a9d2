// What a login with the rights of tally_projector alone can say about how far projections are, and
// what it cannot.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct ProgressGuardTests {
    /// One that works for the first tenant.
    private func projector() throws -> Connection {
        let projector = try TestLedger.current.connection(role: "tally_projector")
        try projector.execute("SET tally.slot = '1'")
        return projector
    }

    @Test func aCursorStaysInTheLogAndBelongsToAProjection() async throws {
        _ = try await Database.tenant("acme")
        let projector = try projector()
        for (name, version, position, state) in [
            ("documents", 1, "2", "TL001"), ("documents", 1, "9223372036854775807", "TL001"),
            ("documents", 1, "-1", "23514"), ("documents", 2, "1", "TL001"),
            ("documents", 0, "1", "23514"), ("nobody", 1, "1", "TL001"),
            ("documents", 1, "NULL", "TL001"),
        ] {
            let values = "1, '\(name)', \(version)"
            let moved = projector.refusal("SELECT tally.move_cursor(\(values), 0, \(position))")
            #expect(moved?.sqlState == state, "\(values) \(position)")
            let written = projector.refusal(
                """
                INSERT INTO tally.cursor (slot, projection, version, position, updated_at)
                VALUES (\(values), \(position), 0)
                """
            )
            #expect(written?.sqlState == state, "\(values) \(position)")
        }
        let elsewhere = "7, 'documents', 1, 0, 0"
        #expect(projector.refusal("SELECT tally.move_cursor(\(elsewhere))") != nil)
        let sound = "1, 'documents', 1, 0, 1"
        #expect(projector.refusal("SELECT tally.move_cursor(\(sound))") == nil)
        #expect(projector.refusal("DELETE FROM tally.cursor")?.sqlState == "42501")
    }

    @Test func onlyAnOperatorsEventLetsAProjectionLeaveSomethingOut() async throws {
        _ = try await Database.tenant("acme")
        let projector = try projector()
        func note(_ position: Int, _ event: String) -> String? {
            projector.refusal(
                """
                INSERT INTO tally.dead_letter
                    (slot, projection, position, reason, failed_at, skipped_by)
                VALUES (1, 'documents', \(position), 'x', 0, \(event))
                """
            )?.sqlState
        }
        #expect(note(1, "NULL") == "TL001", "beyond the log")
        #expect(note(0, "0") == "TL001", "the genesis event lets nobody skip")
        #expect(note(0, "7") == "TL001", "an event that is not there")
        let operators = try TestLedger.current.connection(role: "tally_operator")
        for name in ["documents", "trail"] {
            _ = try operators.query(
                "SELECT tally.record_skip(1, '\(name)', 0, '\(OperatorID.zero.hex)', 'T-1')"
            )
        }
        #expect(note(0, "2") == "TL001", "it is about another projection")
        #expect(note(1, "1") == "TL001", "it is about another event")
        #expect(note(0, "1") == nil)
    }

    @Test func nobodyFollowsAnErasureBeforeTheLogIsRidOfIt() async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            let acme = try await RawErasures("acme")
            let projector = try projector()
            let id = try acme.open(subject: .random())
            func follow(_ projection: String = "documents", _ version: Int = 1) -> String? {
                projector.refusal(
                    """
                    INSERT INTO tally.projection_erasure
                        (slot, erasure_id, projection, version, rows)
                    VALUES (1, '\(id)', '\(projection)', \(version), 1)
                    """
                )?.sqlState
            }
            #expect(follow() == "TL001", "approved")
            try acme.fence(id, [acme.keys[0]])
            #expect(follow() == "TL001", "fenced")
            try acme.destroy(id)
            #expect(follow() == "TL001", "its parts are in the log")
            _ = try acme.executors.query(RawErasures.purge(id))
            _ = try acme.executors.query("SELECT tally.note_purged(1, '\(id)')")
            #expect(follow("nobody") == "TL001")
            #expect(follow("documents", 2) == "TL001")
            #expect(follow() == nil)
        }
    }

    @Test func aVersionIsNearTheOneThatThereIs() async throws {
        let projector = try TestLedger.current.connection(role: "tally_projector")
        func register(_ name: String, _ version: String) -> String? {
            projector.refusal("SELECT tally.register_projection(\(name), \(version))")?.sqlState
        }
        for version in ["0", "-1", "1001", "2147483647", "NULL"] {
            #expect(register("'sums'", version) == "TL001", "\(version)")
        }
        for name in ["''", "'A'", "'documents'", "'trail'", "repeat('x', 64)", "NULL"] {
            #expect(register(name, "1") == "TL001", "\(name)")
        }
        #expect(register("'sums'", "1000") == nil)
        #expect(register("'sums'", "2001") == "TL001")
        #expect(register("'sums'", "2000") == nil)
    }

    @Test func theDoctorNamesAProjectionThatNobodyKeeps() async throws {
        _ = try TestLedger.current.connection(role: "tally_projector")
            .query("SELECT tally.register_projection('zzz', 1)")
        try await TestLedger.current.open { ledger in
            let topic = "projections of the application"
            let finding = try await ledger.examine().first { $0.topic == topic }
            #expect(finding?.state == .weak)
            #expect(finding?.found.contains("zzz") == true)
            #expect(finding?.advice.contains("tally projection remove") == true)
        }
    }
}
