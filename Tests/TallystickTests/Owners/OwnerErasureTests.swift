// Owners erase what is theirs, without a word of the ledger's operators; what nobody can take back
// waits first.

import TallyCore
import TallyCrypto
import TallyDecisions
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct OwnerErasureTests {
    @Test func anAgentErasesAPersonToTheEndAndTheSecondVerifierSaysSo() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.backupRetention = .zero
        let ledger = try await Ledger.open(configuration)
        let operators = try await TwoOperators(ledger)
        let owners = try await TenantOwners(in: ledger)
        let asked = try await owners.erasure(by: owners.agent, ledger)
        #expect(asked.state == .approved, "nobody else has to sign")
        _ = try await ledger.erasures.run(asked.id)
        _ = try await ledger.keys.rotate()
        #expect(try await ledger.erasures.find(asked.id).state == .final)
        let certificate = try await CertificateBuilder(ledger.decisionContext)
            .build(asked.id, signedBy: operators.asking)
        #expect(certificate.body["authority"] == "owner")
        #expect(certificate.body["version"] == 2)
        #expect(certificate.body["state"] == "final")
        let read = try ErasureCertificate(decoding: certificate.encoded())
        #expect(CertificateVerifier(read).checks().flatMap(\.faults) == [])
        let python = try PythonVerifier(certificate: certificate.encoded())
        #expect(python.status == 0, "\(python.output)")
        let log = try PythonVerifier(log: owners.tenant.id, on: Witness.current.superuser())
        #expect(log.status == 0, "\(log.output)")
        #expect(try await Witness.current.findings(owners.tenant.id).isEmpty)
        #expect(try await Witness.current.findings(ledger.ownTenant).isEmpty)
        await ledger.close()
    }

    @Test func whoeverClaimsAnotherAuthorityIsFoundOut() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(in: ledger)
            let id = try await owners.erasure(by: owners.agent, ledger).id
            _ = try await ledger.erasures.run(id)
            let sound = try await CertificateBuilder(ledger.decisionContext)
                .build(id, signedBy: nil)
            for authority in ["operators", "nobody"] as [JSONValue] {
                var body = sound.body
                body["authority"] = authority
                var forged = ErasureCertificate(body: body)
                forged.add(try operators.asking.sign(forged.message), of: operators.asking.id)
                #expect(CertificateVerifier(forged).checks().contains { !$0.passed })
                #expect(try PythonVerifier(certificate: forged.encoded()).status == 3)
            }
        }
    }

    @Test func twoOwnersDecideWhereTheTenantWantsTwo() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(quorum: 2, in: ledger)
            let (id, state) = try await owners.erasure(by: owners.carol, ledger)
            #expect(state == .waiting)
            for key in [owners.carol, operators.asking] {
                let code = await problemCode {
                    _ = try await ledger.decisions.approve(id, with: key)
                }
                #expect(code == .forbidden)
            }
            let alone = await problemCode { _ = try await ledger.erasures.run(id) }
            #expect(alone == .approvalRequired)
            #expect(try await ledger.decisions.approve(id, with: owners.dan) == .approved)
            #expect(try await ledger.erasures.run(id).state == .purged)
        }
    }

    @Test func anAgentDecidesAboutNothingElse() async throws {
        try await TestLedger.current.open { ledger in
            let owners = try await TenantOwners(in: ledger)
            let (acme, agent, decisions) = (owners.tenant, owners.agent, ledger.decisions)
            let codes = [
                await problemCode {
                    _ = try await ledger.erasures.request(tenant: acme, ground: "g", by: agent)
                },
                await problemCode {
                    _ = try await decisions.addOwner(
                        SignerKey(Ed25519PrivateKey().publicKey),
                        of: acme,
                        by: agent
                    )
                },
                await problemCode {
                    _ = try await decisions.endOwner(owners.dan.id, of: acme, by: agent)
                },
                await problemCode {
                    _ = try await decisions.placeHold(
                        on: "maria",
                        of: acme,
                        reviewAt: .later,
                        by: agent
                    )
                },
                await problemCode { _ = try await decisions.readmit("maria", to: acme, by: agent) },
            ]
            #expect(codes.allSatisfy { $0 == .forbidden || $0 == .notFound }, "\(codes)")
            let globex = try await ledger.sampleTenant("globex")
            let elsewhere = await problemCode {
                _ = try await ledger.erasures.request(
                    subject: "maria",
                    of: globex,
                    ground: "g",
                    by: agent
                )
            }
            #expect(elsewhere == .forbidden)
        }
    }

    @Test func operatorsCanHoldItBackButNotRefuseIt() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(in: ledger)
            let decisions = ledger.decisions
            let (id, _) = try await owners.erasure(by: owners.agent, ledger)
            let unsigned = await problemCode { try await decisions.refuse(id, ground: "g") }
            #expect(unsigned == .approvalRequired)
            let signed = await problemCode {
                try await decisions.refuse(id, ground: "g", by: operators.asking)
            }
            #expect(signed == .forbidden)
            let hold = try await decisions.placeHold(
                on: "maria",
                of: owners.tenant,
                reviewAt: .later,
                by: operators.asking
            )
            _ = try await decisions.approve(hold.id, with: operators.approving)
            #expect(await problemCode { _ = try await ledger.erasures.run(id) } == .hold)
            try await decisions.refuse(id, ground: "mistaken", by: owners.dan)
            #expect(try await ledger.erasures.find(id).state == .refused)
            #expect(try await Witness.current.findings(owners.tenant.id).isEmpty)
            let python = try PythonVerifier(
                log: owners.tenant.id,
                on: Witness.current.superuser()
            )
            #expect(python.status == 0, "\(python.output)")
        }
    }

    @Test func operatorsEraseAsBefore() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(in: ledger)
            let id = try await operators.erasure(of: "maria", owners.tenant, ledger)
            #expect(try await ledger.erasures.run(id).state == .purged)
            let certificate = try await CertificateBuilder(ledger.decisionContext)
                .build(id, signedBy: operators.asking)
            #expect(certificate.body["authority"] == "operators")
            #expect(try PythonVerifier(certificate: certificate.encoded()).status == 0)
        }
    }

    @Test func aSignatureThatIsNotEnoughIsAnEventAllTheSame() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(quorum: 2, in: ledger)
            let eve = try OperatorKey(Ed25519PrivateKey())
            let added = try await ledger.decisions.addOperator(eve.publicKey, by: operators.asking)
            _ = try await ledger.decisions.approve(
                #require(added.request),
                with: operators.approving
            )
            let asked = try await ledger.erasures.request(
                subject: "maria",
                of: owners.tenant,
                ground: "g",
                by: eve
            )
            let end = try await ledger.decisions.endOperator(eve.id, by: operators.asking)
            _ = try await ledger.decisions.approve(end.id, with: operators.approving)
            let state = try await ledger.decisions.approve(asked.id, with: operators.asking)
            #expect(state == .waiting, "who has asked is no operator any more")
            #expect(try await Witness.current.findings(owners.tenant.id).isEmpty)
            let again = try await owners.erasure(by: owners.carol, ledger)
            #expect(try await ledger.decisions.approve(again.id, with: owners.dan) == .approved)
        }
    }

    @Test func onePersonsLedgerHasOwnersToo() async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            try await TestLedger.current.open { ledger in
                let owners = try await TenantOwners(quorum: 2, in: ledger)
                let asked = try await ledger.decisions.endOwner(
                    owners.agent.id,
                    of: owners.tenant,
                    by: owners.carol
                )
                #expect(asked.state == .waiting)
                #expect(try await Witness.current.findings(owners.tenant.id).isEmpty)
                #expect(
                    try await ledger.decisions.approve(asked.id, with: owners.dan) == .applied
                )
                let erasure = try await ledger.erasures.request(
                    subject: "maria",
                    of: owners.tenant,
                    ground: "g",
                    by: nil
                )
                try await ledger.decisions.refuse(erasure.id, ground: "g", by: owners.dan)
                #expect(try await Witness.current.findings(owners.tenant.id).isEmpty)
                let python = try PythonVerifier(
                    log: owners.tenant.id,
                    on: Witness.current.superuser()
                )
                #expect(python.status == 0, "\(python.output)")
            }
        }
    }

    @Test func anAgentRefusesNothingThatItCouldNotDecide() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(in: ledger)
            let whole = try await ledger.erasures.request(
                tenant: owners.tenant,
                ground: "g",
                by: owners.carol
            )
            let recovery = try await ledger.decisions.addOwner(
                SignerKey(Ed25519PrivateKey().publicKey),
                of: owners.tenant,
                by: operators.asking
            )
            for id in [whole.id, recovery.id] {
                let code = await problemCode {
                    try await ledger.decisions.refuse(id, ground: "g", by: owners.agent)
                }
                #expect(code == .forbidden)
                try await ledger.decisions.refuse(id, ground: "g", by: owners.dan)
            }
            let person = try await owners.erasure(by: owners.carol, ledger)
            try await ledger.decisions.refuse(person.id, ground: "g", by: owners.agent)
            #expect(try await Witness.current.findings(owners.tenant.id).isEmpty)
        }
    }

    // MARK: - The whole tenant

    @Test func aTenantsErasureWaitsAndAnotherOwnerRefusesIt() async throws {
        let test = try TestLedger.current
        let (owners, refused, kept) = try await test.open { ledger in
            let owners = try await TenantOwners(in: ledger)
            let asked = try await ledger.erasures.request(
                tenant: owners.tenant,
                ground: "contract-ended",
                by: owners.carol
            )
            #expect(asked.state == .approved)
            #expect(await problemCode { _ = try await ledger.erasures.run(asked.id) } == .forbidden)
            try await ledger.decisions.refuse(asked.id, ground: "mistaken", by: owners.dan)
            let again = try await ledger.erasures.request(
                tenant: owners.tenant,
                ground: "contract-ended",
                by: owners.carol
            )
            return (owners, asked.id, again.id)
        }
        try await test.open(after: 6 * 24) { ledger in
            #expect(await problemCode { _ = try await ledger.erasures.run(kept) } == .forbidden)
        }
        try await test.open(after: 7 * 24 + 1) { ledger in
            #expect(try await ledger.erasures.run(refused).state == .refused)
            #expect(try await ledger.erasures.run(kept).state == .purged)
            #expect(try await Witness.current.findings(owners.tenant.id).isEmpty)
            let python = try PythonVerifier(
                log: owners.tenant.id,
                on: Witness.current.superuser()
            )
            #expect(python.status == 0, "\(python.output)")
        }
    }

    @Test func theWaitHasBoundsAndAnEnd() async throws {
        let test = try TestLedger.current
        let id = try await test.open { ledger in
            let owners = try await TenantOwners(in: ledger)
            for hours in [0, 71, 31 * 24] as [UInt64] {
                let code = await problemCode {
                    _ = try await ledger.erasures.request(
                        tenant: owners.tenant,
                        ground: "g",
                        notBefore: Instant(micros: Micros.now() + hours * 3_600_000_000),
                        by: owners.carol
                    )
                }
                #expect(code == .invalid, "\(hours)")
            }
            return try await ledger.erasures.request(
                tenant: owners.tenant,
                ground: "g",
                notBefore: Instant(micros: Micros.now() + 73 * 3_600_000_000),
                by: owners.carol
            ).id
        }
        try await test.open(after: 11 * 24) { ledger in
            let code = await problemCode { _ = try await ledger.erasures.run(id) }
            #expect(code == .approvalRequired, "the signature has run out")
        }
    }
}
