// Who owns a tenant's data changes by owners' decisions; operators only replace a lost one, slowly.

import TallyCore
import TallyCrypto
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct OwnerChangeTests {
    private func stranger() throws -> OperatorKey { try OperatorKey(Ed25519PrivateKey()) }

    private func expectSound(_ tenant: Tenant) async throws {
        #expect(try await Witness.current.findings(tenant.id).isEmpty)
        let python = try PythonVerifier(log: tenant.id, on: Witness.current.superuser())
        #expect(python.status == 0, "\(python.output)")
    }

    @Test func theFirstOnesComeWithTheTenantAndMoreByTheirWord() async throws {
        try await TestLedger.current.open { ledger in
            let owners = try await TenantOwners(in: ledger)
            let listed = try await ledger.decisions.owners(of: owners.tenant)
            #expect(listed.map(\.id) == [owners.carol.id, owners.dan.id, owners.agent.id])
            #expect(listed.map(\.actions.count) == [3, 3, 1])
            let twice = await problemCode {
                _ = try await ledger.decisions.addOwner(
                    owners.agent.publicKey,
                    of: owners.tenant,
                    by: owners.dan
                )
            }
            #expect(twice == .invalid)
            try await expectSound(owners.tenant)
        }
    }

    @Test(arguments: [0, 3])
    func aTenantHasOneOrTwoDecidingOwnersOrNone(quorum: Int) async throws {
        try await TestLedger.current.open { ledger in
            let key = try stranger().publicKey
            let code = await problemCode {
                _ = try await ledger.createTenant(named: "acme", owners: [key], quorum: quorum)
            }
            #expect(code == .invalid)
            let tooFew = await problemCode {
                _ = try await ledger.createTenant(named: "acme", owners: [key], quorum: 2)
            }
            #expect(tooFew == .invalid)
            let twice = await problemCode {
                _ = try await ledger.createTenant(named: "acme", owners: [key, key])
            }
            #expect(twice == .invalid)
            #expect(await problemCode { _ = try await ledger.tenant(named: "acme") } == .notFound)
        }
    }

    @Test func anEndedOneDecidesNothingAndTheLastOneStays() async throws {
        try await TestLedger.current.open { ledger in
            let owners = try await TenantOwners(in: ledger)
            let decisions = ledger.decisions
            let open = try await owners.erasure(by: owners.dan, ledger)
            let ended = try await decisions.endOwner(
                owners.dan.id,
                of: owners.tenant,
                by: owners.carol
            )
            #expect(ended.state == .applied)
            let run = await problemCode { _ = try await ledger.erasures.run(open.id) }
            #expect(run == .approvalRequired, "whoever is ended has not signed")
            let asks = await problemCode { _ = try await owners.erasure(by: owners.dan, ledger) }
            #expect(asks == .forbidden)
            let last = await problemCode {
                _ = try await decisions.endOwner(
                    owners.carol.id,
                    of: owners.tenant,
                    by: owners.carol
                )
            }
            #expect(last == .forbidden)
            try await expectSound(owners.tenant)
        }
    }

    @Test func asManyRemainAsADecisionNeeds() async throws {
        try await TestLedger.current.open { ledger in
            let owners = try await TenantOwners(quorum: 2, in: ledger)
            let (acme, decisions) = (owners.tenant, ledger.decisions)
            let last = await problemCode {
                _ = try await decisions.endOwner(owners.dan.id, of: acme, by: owners.carol)
            }
            #expect(last == .forbidden, "nobody could decide any more")
            let agent = try await decisions.endOwner(owners.agent.id, of: acme, by: owners.carol)
            #expect(agent.state == .waiting)
            #expect(try await decisions.approve(agent.id, with: owners.dan) == .applied)
            try await expectSound(acme)
        }
    }

    @Test func operatorsAddAndEndNobodyByThemselves() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(in: ledger)
            let ends = await problemCode {
                _ = try await ledger.decisions.endOwner(
                    owners.dan.id,
                    of: owners.tenant,
                    by: operators.asking
                )
            }
            #expect(ends == .forbidden)
            let mallory = try stranger()
            let added = try await ledger.decisions.addOwner(
                mallory.publicKey,
                of: owners.tenant,
                by: operators.asking
            )
            #expect(added.state == .waiting)
            #expect(
                try await ledger.decisions.approve(added.id, with: operators.approving) == .approved
            )
            let early = await problemCode { try await ledger.decisions.recoverOwner(added.id) }
            #expect(early == .forbidden)
            #expect(try await ledger.decisions.owners(of: owners.tenant).count == 3)
            try await expectSound(owners.tenant)
        }
    }

    @Test func aLostOneIsReplacedAfterThreeDaysUnlessAnOwnerRefuses() async throws {
        let test = try TestLedger.current
        let newcomers = [try stranger(), try stranger()]
        let (tenant, requests) = try await test.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(in: ledger)
            var requests: [DecisionID] = []
            for key in newcomers {
                let asked = try await ledger.decisions.addOwner(
                    key.publicKey,
                    of: owners.tenant,
                    by: operators.asking
                )
                _ = try await ledger.decisions.approve(asked.id, with: operators.approving)
                requests.append(asked.id)
            }
            try await ledger.decisions.refuse(requests[1], ground: "not-lost", by: owners.dan)
            return (owners.tenant, requests)
        }
        try await test.open(after: 71) { ledger in
            let early = await problemCode { try await ledger.decisions.recoverOwner(requests[0]) }
            #expect(early == .forbidden)
        }
        try await test.open(after: 73) { ledger in
            let refused = await problemCode { try await ledger.decisions.recoverOwner(requests[1]) }
            #expect(refused == .forbidden)
            try await ledger.decisions.recoverOwner(requests[0])
            let twice = await problemCode { try await ledger.decisions.recoverOwner(requests[0]) }
            #expect(twice == .forbidden)
            let acme = try await ledger.tenant(named: tenant.name)
            #expect(try await ledger.decisions.owners(of: acme).map(\.id).last == newcomers[0].id)
            let asked = try await ledger.erasures.request(
                subject: "maria",
                of: acme,
                ground: "g",
                by: newcomers[0]
            )
            #expect(asked.state == .approved)
            try await expectSound(acme)
        }
    }

    @Test func aCopyOfTheDataHasTheSameOwners() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let owners = try await TenantOwners(in: ledger)
            let copy = try await operators.makeClone(owners.tenant, "copy", ledger)
            let listed = try await ledger.decisions.owners(of: copy)
            #expect(
                listed.map(\.id).sorted()
                    == [owners.carol.id, owners.dan.id, owners.agent.id].sorted()
            )
            try await expectSound(copy)
            let asked = try await ledger.erasures.request(
                subject: "maria",
                of: owners.tenant,
                ground: "g",
                by: owners.agent
            )
            #expect(asked.state == .approved)
            #expect(try await ledger.erasures.run(asked.id).state == .purged)
            #expect(try await ledger.erasures.list(copy).map(\.state) == [.purged])
        }
    }
}
