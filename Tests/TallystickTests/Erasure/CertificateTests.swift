// The certificate of an erasure: it verifies without the ledger, and nothing in it can be changed
// without being noticed.

import TallyCore
import TallyCrypto
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct CertificateTests {
    @Test func aCertificateSaysInterimUntilItIsFinalAndVerifiesEachTime() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.backupRetention = .zero
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.sampleTenant("acme")
        let operators = try await TwoOperators(ledger)
        let id = try await operators.erasure(of: "maria", acme, ledger)
        let builder = CertificateBuilder(ledger.decisionContext)
        await #expect(throws: Problem.self) { try await builder.build(id, signedBy: nil) }
        _ = try await ledger.erasures.run(id)
        let interim = try await builder.build(id, signedBy: operators.asking)
        try Self.expectSound(interim)
        #expect(interim.body["interim"] == .bool(true))
        #expect(interim.body["parts"]?.uint64Value == 3)
        _ = try await ledger.keys.rotate()
        let final = try await builder.build(id, signedBy: operators.asking)
        try Self.expectSound(final)
        #expect(final.body["interim"] == .bool(false))
        #expect(final.body["state"]?.stringValue == "final")
        let text = String(decoding: final.encoded(), as: UTF8.self)
        #expect(!text.contains("maria"))
        await ledger.close()
    }

    private static func expectSound(
        _ certificate: ErasureCertificate,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let read = try ErasureCertificate(decoding: certificate.encoded())
        let faults = CertificateVerifier(read).checks().flatMap(\.faults)
        #expect(faults == [], sourceLocation: sourceLocation)
    }

    @Test func noMemberOfACertificateCanBeChangedUnnoticed() async throws {
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
                body[name] = Self.changed(value)
                // Signed again by an operator who lies: what the log proves must be enough.
                var forged = ErasureCertificate(body: body)
                forged.add(try operators.asking.sign(forged.message), of: operators.asking.id)
                let checks = CertificateVerifier(forged).checks()
                let isNoticed = checks.contains { !$0.passed }
                #expect(isNoticed != Self.isOnlySaid.contains(name), "\(name)")
            }
            var unsigned = sound.body
            unsigned["ground"] = "another"
            var kept = ErasureCertificate(body: unsigned)
            kept.add(sound.signatures[0].bytes, of: operators.asking.id)
            #expect(CertificateVerifier(kept).checks().contains { !$0.passed })
        }
    }

    /// What no event repeats: it rests on the signature alone.
    private static let isOnlySaid: Set<JSONString> = ["clones", "parts_root", "residue"]

    /// Another value than the one that stands in a certificate.
    static func changed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .bool(let flag): .bool(!flag)
        case .number: 987_654
        case .array(let items): .array(items + ["00"])
        default: "00"
        }
    }

    @Test func withOneOperatorTheLogStillTiesThePlanToTheErasure() async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            try await TestLedger.current.open { ledger in
                let acme = try await ledger.sampleTenant("acme")
                let request = try await ledger.erasures.request(
                    subject: "maria",
                    of: acme,
                    classes: ["tax"],
                    ground: "art17-1-a",
                    by: nil
                )
                _ = try await ledger.erasures.run(request.id)
                let sound = try await CertificateBuilder(ledger.decisionContext).build(
                    request.id,
                    signedBy: nil
                )
                var plan = try JSONReader.parse(#require(sound.body["plan"]?.bytes)).objectValue
                plan?["classes"] = ["*"]
                var body = sound.body
                body["classes"] = ["*"]
                body["plan"] = .hex(JSONValue.object(try #require(plan)).canonical())
                let checks = CertificateVerifier(ErasureCertificate(body: body)).checks()
                #expect(checks.filter { !$0.passed }.map(\.name) == ["approvals", "signatures"])
            }
        }
    }

    @Test func aLedgerWithOneOperatorSaysSoInItsCertificate() async throws {
        // The trait's ledger has two: this one begins in databases of its own.
        try await TestLedger.with(hasSingleOperator: true) {
            try await TestLedger.current.open { ledger in
                let acme = try await ledger.sampleTenant("acme")
                let request = try await ledger.erasures.request(
                    subject: "maria",
                    of: acme,
                    ground: "art17-1-a",
                    by: nil
                )
                #expect(request.state == .approved)
                _ = try await ledger.erasures.run(request.id)
                let certificate = try await CertificateBuilder(ledger.decisionContext)
                    .build(request.id, signedBy: nil)
                #expect(certificate.body["single_operator"] == .bool(true))
                let checks = CertificateVerifier(certificate).checks().filter { !$0.passed }
                #expect(checks.map(\.name) == ["signatures"])
                var body = certificate.body
                body["single_operator"] = false
                let hidden = CertificateVerifier(ErasureCertificate(body: body)).checks()
                #expect(hidden.filter { !$0.passed }.map(\.name) == ["approvals", "signatures"])
            }
        }
    }
}
