// A passkey decides as a key in a file does: its answer counts for one request, of one plan.

import Foundation
import TallyCore
import TallyCrypto
import TallyDecisions
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct PasskeyTests {
    /// An operator with a key in a file, and one with a passkey.
    private struct People {
        let alice: OperatorKey
        let bob: Passkey
        let bobsID: OperatorID

        init(_ ledger: Ledger) async throws {
            alice = try OperatorKey(Ed25519PrivateKey())
            bob = try Passkey(of: "id.example.com")
            bobsID = OperatorID(of: try bob.publicKey)
            _ = try await ledger.decisions.addOperator(alice.publicKey, by: nil)
            _ = try await ledger.decisions.addOperator(bob.publicKey, by: nil)
        }

        func answer(_ request: SigningRequest, with passkey: Passkey) throws -> SigningRequest {
            let prepared = request.prepared(for: bobsID, at: Instant(Date()))
            let answer = try passkey.answer(#require(prepared.challenge))
            return try prepared.answered(
                withAuthenticatorData: answer.authenticatorData,
                clientData: answer.clientData,
                signature: answer.signature
            )
        }
    }

    private func hold(
        _ tenant: Tenant,
        _ people: People,
        _ ledger: Ledger
    ) async throws
        -> DecisionID
    {
        try await ledger.decisions.placeHold(
            on: "maria",
            of: tenant,
            reviewAt: .later,
            by: people.alice
        ).id
    }

    @Test func aPasskeyApprovesAnErasureAndItsCertificateIsSound() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let people = try await People(ledger)
            let asked = try await ledger.erasures.request(
                subject: "maria",
                of: acme,
                ground: "art17-1-b",
                by: people.alice
            )
            let request = try await ledger.decisions.toSign(asked.id)
            #expect(request.subject == "maria")
            let signed = try people.answer(request, with: people.bob)
            #expect(try await ledger.decisions.submit(signed) == .approved)
            #expect(try await ledger.erasures.run(asked.id).state == .purged)
            let certificate = try await CertificateBuilder(ledger.decisionContext)
                .build(asked.id, signedBy: people.alice)
            #expect(CertificateVerifier(certificate).checks().flatMap(\.faults) == [])
            let python = try PythonVerifier(certificate: certificate.encoded())
            #expect(python.status == 0, "\(python.output)")
            for tenant in [acme.id, ledger.ownTenant] {
                #expect(try await Witness.current.findings(tenant).isEmpty)
            }
        }
    }

    @Test func anAnswerCountsForItsOwnRequestOnly() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let people = try await People(ledger)
            let requests = [
                try await hold(acme, people, ledger), try await hold(acme, people, ledger),
            ]
            let first = try await ledger.decisions.toSign(requests[0])
            let second = try await ledger.decisions.toSign(requests[1])
            let prepared = first.prepared(for: people.bobsID, at: Instant(Date()))
            let answer = try people.bob.answer(#require(prepared.challenge))
            let elsewhere = try second.prepared(for: people.bobsID, at: Instant(Date())).answered(
                withAuthenticatorData: answer.authenticatorData,
                clientData: answer.clientData,
                signature: answer.signature
            )
            let code = await problemCode { _ = try await ledger.decisions.submit(elsewhere) }
            #expect(code == .forbidden)
            let another = try Passkey(of: "id.example.com")
            let stranger = await problemCode {
                _ = try await ledger.decisions.submit(people.answer(first, with: another))
            }
            #expect(stranger == .forbidden)
            let phished = try Passkey(of: "id.example.com.evil.example")
            let site = await problemCode {
                _ = try await ledger.decisions.submit(people.answer(first, with: phished))
            }
            #expect(site == .forbidden)
            let sound = try people.answer(first, with: people.bob)
            #expect(try await ledger.decisions.submit(sound) == .applied)
            let twice = await problemCode { _ = try await ledger.decisions.submit(sound) }
            #expect(twice == .forbidden)
        }
    }

    @Test func anAnswerNeedsItsQuestion() throws {
        let draft = ApprovalDraft(
            action: .hold,
            ledger: .random(),
            tenant: .random(),
            request: .random(),
            plan: Array(#"{"action":5}"#.utf8),
            head: SHA256.hash([]),
            requester: .random()
        )
        let request = SigningRequest(draft, tenantName: "acme", subject: nil)
        #expect(request.challenge == nil)
        #expect(throws: Problem.self) {
            _ = try request.answered(
                withAuthenticatorData: Passkey.authenticatorData("localhost"),
                clientData: Passkey.clientData([], "localhost"),
                signature: [UInt8](repeating: 0, count: 64)
            )
        }
        let prepared = request.prepared(for: .random(), at: Instant(Date()))
        for (data, signature) in [(36, 64), (37, 63), (37, 81), (256, 64)] {
            #expect(throws: Problem.self) {
                _ = try prepared.answered(
                    withAuthenticatorData: [UInt8](repeating: 0, count: data),
                    clientData: [0],
                    signature: [UInt8](repeating: 0, count: signature)
                )
            }
        }
    }
}
