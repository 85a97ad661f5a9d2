// A restore that two have not signed, exactly as it is, is not applied.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct ForgedRestoreTests {
    /// Prepares a signed restore, lets a superuser or a signer change something, and expects a
    /// refusal.
    private static func expectRefusal(
        _ code: Problem.Code,
        after change: (Ledger, Tenant, TwoOperators, DecisionID) async throws -> Void
    ) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            _ = try await acme.append(.delete("crm/contact/1", type: "gone"))
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let id = try await operators.restore(plan, acme, ledger)
            let before = try await acme.count()
            try await change(ledger, acme, operators, id)
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.restores.apply(id)
            }
            #expect(problem?.code == code)
            #expect(try await acme.document("crm/contact/1") == nil)
            #expect(try Witness.current.facts(acme.id).count >= before)
            #expect(try await ledger.restores.find(id).state != .applied)
        }
    }

    private static func tamper(_ statement: String) throws {
        try Witness.current.superuser().execute(statement)
    }

    @Test func aPlanThatIsChangedByOneByte() async throws {
        try await Self.expectRefusal(.alteredRegister) { _, _, _, _ in
            try Self.tamper(
                "UPDATE tally.request SET plan = set_byte(plan, octet_length(plan) / 2, "
                    + "get_byte(plan, octet_length(plan) / 2) # 1)"
            )
        }
    }

    @Test func signaturesOfAnotherPlan() async throws {
        try await Self.expectRefusal(.alteredRegister) { ledger, acme, operators, id in
            _ = try await acme.append(.delete("crm/contact/2", type: "gone"))
            let other = try await ledger.restores.plan(acme, at: .position(1))
            let second = try await operators.restore(other, acme, ledger)
            try Self.tamper(
                """
                DELETE FROM tally.approval WHERE request_id = '\(id.hex)';
                UPDATE tally.approval SET request_id = '\(id.hex)'
                WHERE request_id = '\(second.hex)'
                """
            )
        }
    }

    @Test func signaturesForAnotherTenant() async throws {
        try await Self.expectRefusal(.alteredRegister) { ledger, _, _, id in
            _ = try await ledger.sampleTenant("globex")
            try Self.tamper(
                """
                UPDATE tally.request SET slot = 2 WHERE request_id = '\(id.hex)';
                UPDATE tally.approval SET slot = 2 WHERE request_id = '\(id.hex)';
                UPDATE tally.restore SET slot = 2 WHERE restore_id = '\(id.hex)'
                """
            )
        }
    }

    @Test func theSignatureOfWhoAskedAlone() async throws {
        try await Self.expectRefusal(.alteredRegister) { _, _, operators, id in
            try Self.tamper(
                """
                DELETE FROM tally.approval
                WHERE request_id = '\(id.hex)' AND operator_id <> '\(operators.asking.id.hex)'
                """
            )
        }
    }

    @Test func anApprovalThatRanOut() async throws {
        try await Self.expectRefusal(.alteredRegister) { _, _, _, _ in
            try Self.tamper("UPDATE tally.approval SET expires_at = approved_at + 1")
        }
    }

    @Test func theApprovalOfAnOperatorWhoWasEnded() async throws {
        try await Self.expectRefusal(.approvalRequired) { ledger, _, operators, _ in
            let third = try OperatorKey(Ed25519PrivateKey())
            let decisions = ledger.decisions
            let added = try await decisions.addOperator(third.publicKey, by: operators.asking)
            _ = try await decisions.approve(try #require(added.request), with: operators.approving)
            let end = try await decisions.endOperator(operators.approving.id, by: operators.asking)
            _ = try await decisions.approve(end.id, with: third)
        }
    }

    @Test func aRequestThatWasRefused() async throws {
        try await Self.expectRefusal(.forbidden) { ledger, _, _, id in
            try await ledger.decisions.refuse(id, ground: "OPS-9")
            #expect(try await ledger.restores.find(id).state == .refused)
        }
    }
}
