// The second verifier, in Python, on what real erasures leave: certificates that the library made,
// and logs whose clear events SQL wrote.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct SecondVerifierTests {
    @Test func bothVerifiersAcceptTheCertificateOfASubject() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let builder = CertificateBuilder(ledger.decisionContext)
            try Self.expectAgreement(try await builder.build(id, signedBy: operators.asking), [])
            try Self.expectAgreement(
                try await builder.build(id, signedBy: nil),
                ["signatures"],
                status: 8
            )
        }
    }

    @Test func bothVerifiersAcceptTheCertificateOfATenant() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: acme, ledger)
            _ = try await ledger.erasures.run(id)
            _ = try await ledger.keys.rotate()
            _ = try await ErasureRound(ledger.decisionContext).advance()
            let certificate = try await CertificateBuilder(ledger.decisionContext)
                .build(id, signedBy: operators.approving)
            #expect(certificate.body["scope"] == "tenant")
            try Self.expectAgreement(certificate, [])
        }
    }

    @Test func bothVerifiersNameTheSameChecksOfATamperedCertificate() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let sound = try await CertificateBuilder(ledger.decisionContext).build(
                id,
                signedBy: operators.asking
            )
            for (name, value) in sound.body.members {
                var body = sound.body
                body[name] = CertificateTests.changed(value)
                var forged = ErasureCertificate(body: body)
                forged.add(try operators.asking.sign(forged.message), of: operators.asking.id)
                let failing = Self.failing(forged)
                try Self.expectAgreement(forged, failing, status: failing.isEmpty ? 0 : 3)
            }
            var body = sound.body
            body["residue"] = []
            var kept = ErasureCertificate(body: body)
            kept.add(sound.signatures[0].bytes, of: operators.asking.id)
            try Self.expectAgreement(kept, ["signatures"], status: 3)
        }
    }

    /// Requests, approvals, refusals, holds, a readmission, an epoch's end: each of these events is
    /// built by SQL, and its form is read strictly by Python.
    @Test func everyEventThatSQLWritesIsInItsOneForm() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            try await Self.decideEverything(ledger, acme, operators)
            let superuser = try Witness.current.superuser()
            for tenant in [acme.id, ledger.ownTenant] {
                let verdict = try PythonVerifier(log: tenant, on: superuser)
                #expect(verdict.status == 0, "\(verdict.output)")
            }
            let written = try superuser.query(
                """
                SELECT DISTINCT get_byte(leaf, 2) || coalesce(' ' || (j->>'state'), '')
                    || coalesce(' ' || (j->>'action'), '')
                FROM tally.event
                CROSS JOIN LATERAL (SELECT convert_from(substr(body, 6), 'UTF8')::json) x (j)
                WHERE stream IS NULL
                """
            )
            let forms = try (0..<written.count).map { try written.text($0, 0) }
            #expect(Set(forms) == Self.forms)
        }
    }

    private static func decideEverything(
        _ ledger: Ledger,
        _ acme: Tenant,
        _ operators: TwoOperators
    ) async throws {
        let decisions = DecisionRequests(ledger.decisionContext)
        func decide(_ plan: DecisionPlan) async throws -> DecisionID {
            let request = try await decisions.open(plan, by: operators.asking)
            _ = try await decisions.approve(request.id, with: operators.approving)
            return request.id
        }
        _ = try await acme.append(.delete("crm/contact/3", type: "gone"))
        let plan = try await ledger.restores.plan(acme, at: .position(4))
        _ = try await operators.apply(plan, acme, ledger)
        try TestLedger.current.connection(role: "tally_projector")
            .execute("SELECT tally.register_projection('billing', 1)")
        try await ProjectionStopping.remove("billing", operators: ledger.operators)
        let maria = try await ledger.subjectTag("maria", of: acme)
        let review = UInt64(4_000_000_000_000_000)
        let hold = try await decide(.hold(acme.id, maria, reviewAt: review))
        let id = try await operators.erasure(of: "maria", acme, ledger)
        await #expect(throws: Problem.self) { _ = try await ledger.erasures.run(id) }
        _ = try await decide(.release(acme.id, hold: hold))
        _ = try await ledger.erasures.run(id)
        _ = try await decide(.readmission(acme.id, erasure: id))
        let karl = try await operators.erasure(of: "karl", acme, ledger)
        let other = try await decisions.open(
            .hold(acme.id, maria, reviewAt: review),
            by: operators.asking
        )
        for request in [karl, other.id] { try await decisions.refuse(request, ground: "OPS-1") }
        let third = try OperatorKey(Ed25519PrivateKey())
        _ = try await decide(.addition(ledger.ownTenant, of: third.publicKey))
        _ = try await decide(.end(ledger.ownTenant, of: third.id))
        _ = try await ledger.keys.rotate()
        _ = try await ledger.registry.freeze(acme.id)
        _ = try await ledger.registry.thaw(acme.id)
        _ = try Witness.current.superuser().query(
            "SELECT tally.record_skip(1, 'documents', 1, $1, 'OPS-2')",
            [.uuid(operators.asking.id.bytes)]
        )
    }

    private static func failing(_ certificate: ErasureCertificate) -> [String] {
        CertificateVerifier(certificate).checks().filter { !$0.passed }.map(\.name)
    }

    /// Expects both to name these checks, and Python to end as `tally erasure verify` does.
    private static func expectAgreement(
        _ certificate: ErasureCertificate,
        _ expected: [String],
        status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let python = try PythonVerifier(certificate: certificate.encoded())
        let comment = Comment(rawValue: python.output)
        #expect(failing(certificate) == expected, sourceLocation: sourceLocation)
        #expect(python.failingChecks == expected, comment, sourceLocation: sourceLocation)
        #expect(python.status == status, comment, sourceLocation: sourceLocation)
    }

    private static let forms: Set<String> = [
        "0", "2", "3", "4 applied", "5", "6", "7", "8", "9", "11 requested", "11 approved",
        "11 refused",
        "11 onHold", "11 fenced", "11 keysDestroyed", "11 purged", "11 epochRetired", "12", "14",
        "15 skip", "15 request", "15 approve", "15 refuse", "15 addOperator", "15 endOperator",
        "15 removeProjection", "15 destroyEpoch",
    ]
}
