// What operators hand to SQL ends up in clear events that never change again: whatever they write,
// each event has the one form that every verifier reads, or there is none.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite struct ClearFormTests {
    /// Places a hold where one person decides alone.
    private static func placeHold(_ review: String, _ tenant: TenantID) throws -> PostgresError? {
        let id = DecisionID.random().hex
        let plan = """
            {"action":5,"request":"\(id)","review_at":\(review),\
            "subject_tag":"\(Hex.encode(BlindTag.random().bytes))","tenant":"\(tenant.hex)"}
            """
        return try TestLedger.current.connection(role: "tally_operator").refusal(
            """
            SELECT tally.open_request(1, '\(id)', 5, '\\x\(Hex.encode(plan.utf8))', 0,
                '\(OperatorID.zero.hex)', NULL, NULL)
            """
        )
    }

    @Test func aReviewDateIsAnIntegerThatClearJSONCanHold() async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            let tenant = try await Database.tenant("acme")
            let spelled = [
                "4000000000000000", #"" 4000000000000000""#, #""+4000000000000000""#, "4e15",
            ]
            for review in spelled + ["9007199254740991"] {
                #expect(try Self.placeHold(review, tenant) == nil, "\(review)")
            }
            let refused = ["9007199254740992", "1", "null", "-4000000000000000"]
            for review in refused {
                #expect(try Self.placeHold(review, tenant)?.sqlState == "TL001", "\(review)")
            }
            for review in [#""soon""#, "4000000000000000.5", "1e30"] {
                #expect(try Self.placeHold(review, tenant) != nil, "\(review)")
            }
            let written = try Database.superuser().texts(
                """
                SELECT convert_from(substr(body, 6), 'UTF8')::json->>'review_at' FROM tally.event
                WHERE get_byte(leaf, 2) = 8 ORDER BY position
                """
            )
            let date = "4000000000000000"
            #expect(written == [date, date, date, date, "9007199254740991"])
            let python = try PythonVerifier(log: tenant, on: Database.superuser())
            #expect(python.status == 0, "\(python.output)")
        }
    }

    @Test func aMissingArgumentStoresNoEvent() async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            let acme = try await RawErasures("acme")
            let id = try acme.open(subject: .random())
            try acme.fence(id, [acme.keys[0]])
            let superuser = try Database.superuser()
            let before = try superuser.contents()
            for call in [
                "record_epoch(NULL, 'file', 0, 'x')", "record_epoch(1, NULL, 0, 'x')",
                "record_epoch(1, 'file', NULL, 'x')", "record_epoch(1, 'file', 0, NULL)",
                "record_destruction(1, '\(id)', NULL)",
            ] {
                let refusal = acme.executors.refusal("SELECT tally.\(call)")
                #expect(refusal?.sqlState == "TL001", "\(call)")
            }
            #expect(try superuser.contents() == before)
        }
    }
}
