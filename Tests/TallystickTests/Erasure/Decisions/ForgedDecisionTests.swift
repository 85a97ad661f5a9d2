// Somebody with the login of tally_operator and no operator's key: SQL takes bytes that are no
// signature. Nothing may come of it, and it must not stay unnoticed.

import Foundation
import TallyCore
import TallyCrypto
import TallyDecisions
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct ForgedDecisionTests {
    @Test func aForgedErasureIsNotRunAndIsFound() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let tag = try await ledger.subjectTag("maria", of: acme)
            let forger = try Forger(
                ledger,
                asking: operators.asking,
                approving: operators.approving
            )
            let plan = DecisionPlan.erasure(
                of: acme.id,
                KeyScope(subject: tag),
                ground: "art17-1-a"
            )
            #expect(try await forger.decide(plan) == "approved")
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(plan.id)
            }
            #expect(problem?.code == .forbidden)
            let card = try #require(try await acme.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == ["karl", "maria", "maria#tax"])
            let found = try await Witness.current.findings(acme.id)
            #expect(found.map(\.name) == [.undecided, .undecided])
        }
    }

    @Test func aForgedOperatorCountsForNothing() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let eve = try OperatorKey(Ed25519PrivateKey())
            let forger = try Forger(
                ledger,
                asking: operators.asking,
                approving: operators.approving
            )
            let plan = DecisionPlan.addition(ledger.ownTenant, of: eve.publicKey)
            #expect(try await forger.decide(plan) == "applied", "SQL believes it")
            #expect(try await ledger.decisions.operators().count == 3)
            let found = try await Witness.current.findings(ledger.ownTenant)
            #expect(found.map(\.name) == [.undecided, .undecided, .undecided])
            let request = try await ledger.erasures.request(
                subject: "maria",
                of: acme,
                ground: "art17-1-a",
                by: operators.asking
            )
            let refused = await #expect(throws: Problem.self) {
                _ = try await ledger.decisions.approve(request.id, with: eve)
            }
            #expect(refused?.code == .forbidden, "the log does not know her")
            let signed = try await ledger.decisions.toSign(request.id)
                .signed(by: eve, at: Instant(Date()))
            #expect(try forger.approve(signed) == "approved", "SQL believes it")
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(request.id)
            }
            #expect(problem?.code == .alteredRegister, "the log does not have it approved")
        }
    }

    @Test func aForgedReleaseEndsNoHold() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let decisions = ledger.decisions
            let hold = try await decisions.placeHold(
                on: "maria",
                of: acme,
                reviewAt: .later,
                by: operators.asking
            )
            _ = try await decisions.approve(hold.id, with: operators.approving)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            let forger = try Forger(
                ledger,
                asking: operators.asking,
                approving: operators.approving
            )
            #expect(try await forger.decide(.release(acme.id, hold: hold.id)) == "applied")
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(id)
            }
            #expect(problem?.code == .alteredRegister, "the log has it in force")
            #expect(try await ledger.erasures.find(id).state == .approved)
        }
    }

    @Test func aForgedReadmissionLiftsNoBlock() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let forger = try Forger(
                ledger,
                asking: operators.asking,
                approving: operators.approving
            )
            #expect(try await forger.decide(.readmission(acme.id, erasure: id)) == "applied")
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.runAll()
            }
            #expect(problem?.code == .alteredRegister)
            #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
        }
    }

    @Test func aFenceThatSomebodyElseHasCalledForDestroysNothingElse() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let executor = try TestLedger.current.connection(role: "tally_executor")
            let id = try await operators.erasure(of: "maria", acme, ledger)
            try executor.execute("SELECT tally.fence_erasure(1, '\(id.hex)', '{}')")
            let lacking = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(id)
            }
            #expect(lacking?.message.contains("lacks keys") == true)
            let forger = try Forger(
                ledger,
                asking: operators.asking,
                approving: operators.approving
            )
            let whole = DecisionPlan.erasure(of: acme.id, .tenant, ground: "x")
            #expect(try await forger.decide(whole) == "approved")
            try executor.execute("SELECT tally.fence_erasure(1, '\(whole.id.hex)', '{}')")
            let forged = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(whole.id)
            }
            #expect(forged?.code == .forbidden)
            let wraps = try Witness.current.keyStore().query(
                "SELECT count(*) FROM tally_keys.tenant_wrap WHERE wrapped IS NULL"
            )
            #expect(try wraps.integer(0, 0) == 0)
        }
    }

    @Test func nobodySignsAnErasureOnceItIsFenced() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            try Witness.current.superuser().execute(
                "UPDATE tally.approval SET expires_at = approved_at + 1"
            )
            let refused = await #expect(throws: Problem.self) {
                _ = try await ledger.decisions.approve(id, with: operators.approving)
            }
            #expect(refused?.code == .alteredRegister)
        }
    }

    @Test func everyDecisionThatWasMadeRightlyStands() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let decisions = ledger.decisions
            let third = try OperatorKey(Ed25519PrivateKey())
            let added = try await decisions.addOperator(third.publicKey, by: operators.asking)
            _ = try await decisions.approve(try #require(added.request), with: operators.approving)
            let hold = try await decisions.placeHold(
                on: "maria",
                of: acme,
                reviewAt: .later,
                by: third
            )
            _ = try await decisions.approve(hold.id, with: operators.approving)
            let release = try await decisions.releaseHold(hold.id, by: third)
            _ = try await decisions.approve(release.id, with: operators.asking)
            let end = try await decisions.endOperator(third.id, by: operators.asking)
            _ = try await decisions.approve(end.id, with: operators.approving)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let back = try await decisions.readmit("maria", to: acme, by: operators.asking)
            _ = try await decisions.approve(back.id, with: operators.approving)
            #expect(try await Witness.current.findings(ledger.ownTenant).isEmpty)
            #expect(try await Witness.current.findings(acme.id).isEmpty)
        }
    }
}

/// Calls the functions of tally_operator with signatures of zeros.
private struct Forger {
    private let connection: Connection
    private let ledger: LedgerID
    private let asking: OperatorID
    private let approving: OperatorID

    init(_ ledger: Ledger, asking: OperatorKey, approving: OperatorKey) throws {
        connection = try TestLedger.current.connection(role: "tally_operator")
        self.ledger = ledger.row.id
        (self.asking, self.approving) = (asking.id, approving.id)
    }

    /// Opens and approves a request in the names of two others; gives the state.
    func decide(_ plan: DecisionPlan) async throws -> String {
        let head = try Witness.current.superuser().query(
            """
            SELECT tally.leaf_hash(leaf) FROM tally.event JOIN tally.tenant USING (slot)
            WHERE tenant_id = '\(plan.tenant.hex)' AND position = 0
            """
        )
        let hash = try #require(Digest(try head.bytes(0, 0)))
        _ = try connection.query(
            """
            SELECT tally.open_request(slot, $2, $3, $4, 0, $5, $6, NULL)
            FROM tally.tenant WHERE tenant_id = $1
            """,
            [
                .uuid(plan.tenant.bytes), .uuid(plan.id.bytes),
                .integer(Int32(plan.action.rawValue)), .bytea(plan.json), .uuid(asking.bytes),
                .bytea(forged(plan, hash, by: asking)),
            ]
        )
        return try approve(plan.id, forged(plan, hash, by: approving))
    }

    /// Hands a signature to SQL, which cannot check it; gives the state.
    func approve(_ request: SigningRequest) throws -> String {
        guard case .signed(let approval) = request.progress else { return "" }
        return try approve(request.id, approval.encoded())
    }

    private func approve(_ id: DecisionID, _ signed: [UInt8]) throws -> String {
        try connection.query(
            """
            SELECT tally.approve_request(slot, request_id, $2)
            FROM tally.request WHERE request_id = $1
            """,
            [.uuid(id.bytes), .bytea(signed)]
        ).text(0, 0)
    }

    private func forged(_ plan: DecisionPlan, _ head: Digest, by: OperatorID) throws -> [UInt8] {
        let now = try connection.query("SELECT tally.now_micros()").integer(0, 0)
        return Approval(
            action: plan.action,
            ledger: ledger,
            tenant: plan.tenant,
            request: plan.id,
            plan: plan.digest,
            head: head,
            requester: asking,
            approver: by,
            approvedAt: UInt64(now),
            expiresAt: UInt64(now) + 60_000_000,
            signature: .ed25519([UInt8](repeating: 0, count: Ed25519.signatureByteCount))
        ).encoded()
    }
}
