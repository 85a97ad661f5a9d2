// Who is erased from a tenant is erased from its clones, too, and from theirs: the erasure is not
// done before that.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database, .serialized)
struct CloneErasureTests {
    /// A tenant, a clone of it, and a clone of the clone.
    private func family(
        _ body: (Ledger, [Tenant], TwoOperators) async throws -> Void
    ) async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            var tenants = [try await ledger.sampleTenant("acme")]
            for name in ["copy", "copy-of-copy"] {
                tenants.append(
                    try await operators.makeClone(tenants[tenants.count - 1], name, ledger)
                )
            }
            try await body(ledger, tenants, operators)
        }
    }

    private func expectOnly(_ people: [String], in tenants: [Tenant]) async throws {
        for tenant in tenants {
            let card = try #require(try await tenant.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == people, "\(tenant.name)")
        }
    }

    @Test func anErasureReachesEveryClone() async throws {
        try await family { ledger, tenants, operators in
            _ = try await tenants[1].append(.personal("crm/contact/7", "maria"))
            try await expectOnly(["karl", "maria", "maria#tax"], in: tenants)
            let id = try await operators.erasure(of: "maria", tenants[0], ledger)
            #expect(try await ledger.erasures.list().count == 3)
            #expect(try await ledger.erasures.run(id).state == .purged)
            try await expectOnly(["karl"], in: tenants)
            for tenant in tenants {
                let rows = try await ledger.erasures.list(tenant)
                #expect(rows.map(\.state) == [.purged])
                #expect(await tenant.answer([.personal("s", "maria")]).problem == .erased)
                try await Witness.current.expectSound(tenant.id, vault: ledger.vault)
            }
            let certificate = try await CertificateBuilder(ledger.decisionContext).build(
                id,
                signedBy: nil
            )
            #expect(certificate.body["clones"] == [.hex(tenants[1].id.bytes)])
        }
    }

    @Test func aTenantsErasureTakesItsClonesWithIt() async throws {
        try await family { ledger, tenants, operators in
            let other = try await ledger.sampleTenant("globex")
            let id = try await operators.erasure(of: tenants[0], ledger)
            #expect(try await ledger.erasures.run(id).state == .purged)
            for tenant in tenants {
                let problem = await #expect(throws: Problem.self) {
                    _ = try await tenant.document("crm/contact/1")
                }
                #expect(problem?.code == .erased)
            }
            try await expectOnly(["karl", "maria", "maria#tax"], in: [other])
        }
    }

    @Test func aHeldCloneKeepsTheErasureFromBeingDoneAndNothingElse() async throws {
        try await family { ledger, tenants, operators in
            let decisions = ledger.decisions
            let hold = try await decisions.placeHold(
                on: "maria",
                of: tenants[1],
                reviewAt: .later,
                by: operators.asking
            )
            _ = try await decisions.approve(hold.id, with: operators.approving)
            let id = try await operators.erasure(of: "maria", tenants[0], ledger)
            let held = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(id)
            }
            #expect(held?.code == .hold)
            #expect(try await ledger.erasures.find(id).state == .keysDestroyed)
            try await expectOnly(["karl"], in: [tenants[0]])
            let direct = try TestLedger.current.connection(role: "tally_executor")
            #expect(throws: PostgresError.self, "nor can the database be talked into it") {
                try direct.execute("SELECT tally.finish_purge(1, '\(id.hex)', 0)")
            }
            let release = try await decisions.releaseHold(hold.id, by: operators.asking)
            _ = try await decisions.approve(release.id, with: operators.approving)
            #expect(try await ledger.erasures.run(id).state == .purged)
            try await expectOnly(["karl"], in: tenants)
        }
    }

    @Test func whatARequestDidNotReachIsAskedForAgain() async throws {
        try await family { ledger, tenants, operators in
            let tag = try await ledger.subjectTag("maria", of: tenants[0])
            let decisions = ledger.decisions
            // As if the process had died right after its first request.
            let request = try await DecisionRequests(ledger.decisionContext).open(
                .erasure(of: tenants[0].id, KeyScope(subject: tag), ground: "art17-1-a"),
                by: operators.asking
            )
            _ = try await decisions.approve(request.id, with: operators.approving)
            let unreached = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(request.id)
            }
            #expect(unreached?.message.contains(tenants[1].id.hex) == true)
            let wrong = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures
                    .spread(request.id, subject: "karl", by: operators.asking)
            }
            #expect(wrong?.code == .invalid)
            let asked = try await ledger.erasures
                .spread(request.id, subject: "maria", by: operators.asking)
            #expect(asked.count == 2)
            #expect(
                try await ledger.erasures
                    .spread(request.id, subject: "maria", by: operators.asking) == []
            )
            _ = try await decisions.approve(asked[0], with: operators.approving)
            #expect(try await ledger.erasures.run(request.id).state == .purged)
            try await expectOnly(["karl"], in: tenants)
        }
    }

    @Test func aRefusalIsOneInTheClonesToo() async throws {
        try await family { ledger, tenants, operators in
            let id = try await operators.erasure(of: "maria", tenants[0], ledger)
            try await ledger.decisions.refuse(id, ground: "OPS-1")
            #expect(try await ledger.erasures.list().allSatisfy { $0.state == .refused })
            try await expectOnly(["karl", "maria", "maria#tax"], in: tenants)
        }
    }

    @Test func aCloneThatIsHiddenKeepsTheErasureOfItsSourceFromBeingDone() async throws {
        try await family { ledger, tenants, operators in
            let id = try await operators.erasure(of: "maria", tenants[0], ledger)
            try TestLedger.current.attacker().execute(
                "UPDATE tally.tenant SET source = NULL WHERE tenant_id = '\(tenants[1].id.hex)'"
            )
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(id)
            }
            #expect(problem?.code == .alteredRegister)
            let asked = await #expect(throws: Problem.self) {
                try await ledger.erasures.request(
                    subject: "karl",
                    of: tenants[0],
                    ground: "art17-1-a",
                    by: operators.asking
                )
            }
            #expect(asked?.code == .alteredRegister)
        }
    }

    @Test func whatSomebodyElseHangsOntoARequestIsNotSignedWithIt() async throws {
        try await family { ledger, tenants, operators in
            let third = try OperatorKey(Ed25519PrivateKey())
            let decisions = ledger.decisions
            let added = try await decisions.addOperator(third.publicKey, by: operators.asking)
            _ = try await decisions.approve(#require(added.request), with: operators.approving)
            let tag = try await ledger.subjectTag("maria", of: tenants[0])
            let request = try await DecisionRequests(ledger.decisionContext).open(
                .erasure(of: tenants[0].id, KeyScope(subject: tag), ground: "art17-1-a"),
                by: operators.asking
            )
            let karl = try await ledger.subjectTag("karl", of: tenants[1])
            func hang(_ scope: KeyScope) async throws -> DecisionID {
                try await DecisionRequests(ledger.decisionContext).open(
                    .erasure(
                        of: tenants[1].id,
                        scope,
                        ground: "art17-1-a",
                        follows: request.id
                    ),
                    by: third
                ).id
            }
            await #expect(throws: Problem.self, "another kind") { _ = try await hang(.tenant) }
            let hung = try await hang(KeyScope(subject: karl))
            await #expect(throws: Problem.self, "one a clone") {
                _ = try await hang(KeyScope(subject: tag))
            }
            _ = try await decisions.approve(request.id, with: operators.approving)
            #expect(try await ledger.erasures.find(hung).state == .requested)
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.run(request.id)
            }
            #expect(problem?.code == .approvalRequired)
            try await expectOnly(["karl", "maria", "maria#tax"], in: [tenants[1]])
        }
    }

    @Test func anErasureCannotClaimToFollowAnotherTenants() async throws {
        try await family { ledger, tenants, operators in
            let other = try await ledger.sampleTenant("globex")
            let id = try await operators.erasure(of: "maria", tenants[0], ledger)
            let tag = try await ledger.subjectTag("maria", of: other)
            let problem = await #expect(throws: Problem.self) {
                _ = try await DecisionRequests(ledger.decisionContext).open(
                    .erasure(
                        of: other.id,
                        KeyScope(subject: tag),
                        ground: "art17-1-a",
                        follows: id
                    ),
                    by: operators.asking
                )
            }
            #expect(problem?.code == .invalid)
        }
    }
}
