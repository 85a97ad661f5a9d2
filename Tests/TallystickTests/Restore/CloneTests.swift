// A tenant's documents as of a moment in a new tenant: the same content, under other keys, in a log
// of its own that says where it comes from.

import Foundation
import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

extension TwoOperators {
    /// A clone that both have signed.
    func clone(
        _ source: Tenant,
        at moment: Moment,
        _ scope: RestoreScope = .tenant,
        into name: String,
        _ ledger: Ledger
    ) async throws -> DecisionID {
        let plan = try await ledger.restores.planClone(source, at: moment, scope, into: name)
        let request = try await ledger.restores.request(plan, by: asking)
        #expect(request.state == .waiting)
        #expect(try await ledger.decisions.approve(request.id, with: approving) == .approved)
        return request.id
    }

    /// Makes a clone of a tenant as it is.
    func makeClone(_ source: Tenant, _ name: String, _ ledger: Ledger) async throws -> Tenant {
        let newest = try await source.count() - 1
        let id = try await clone(source, at: .position(newest), into: name, ledger)
        #expect(try await ledger.restores.apply(id).state == .applied)
        return try await ledger.tenant(named: name)
    }
}

extension Tenant {
    /// What all documents say, by stream.
    func content(at moment: Moment? = nil) async throws -> [String: [String]] {
        var content: [String: [String]] = [:]
        var next: String?
        repeat {
            let page = try await documents(after: next, limit: 100, at: moment)
            for document in page.documents {
                content[document.stream] =
                    [document.data] + document.personal.sorted { $0.key < $1.key }.map { "\($0)" }
            }
            next = page.next
        } while next != nil
        return content
    }
}

@Suite(.database, .serialized)
struct CloneTests {
    /// Appends random changes to a few streams with several people.
    private static func change(_ tenant: Tenant, _ random: inout SeededRandom) async throws {
        let kind = random.happens(oneIn: 3) ? "lead" : "contact"
        let stream = "crm/\(kind)/\(Int.random(in: 0..<6, using: &random))"
        let people = (0..<3).filter { _ in random.happens(oneIn: 2) }
        let personal = Sections(
            people.map {
                ("p\($0)", #"{"n":\#(Int.random(in: 0..<99, using: &random)),"x":null}"#)
            }
        )
        let data = #"{"a":\#(Int.random(in: 0..<99, using: &random)).10}"#
        switch Int.random(in: 0..<8, using: &random) {
        case 0: _ = try await tenant.append(.delete(stream, type: "t"))
        case 1, 2:
            _ = try await tenant.append(.put(stream, type: "t", data: data, personal: personal))
        default:
            _ = try await tenant.append(.patch(stream, type: "t", data: data, personal: personal))
        }
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func aCloneIsTheSourceAsItWas(seed: UInt64) async throws {
        print("clones: seed \(seed)")
        var random = SeededRandom(seed: seed)
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let operators = try await TwoOperators(ledger)
            for _ in 0..<80 { try await Self.change(acme, &random) }
            _ = try await ledger.projectionRunner().catchUp(acme.id, ["documents"])
            for _ in 0..<20 { try await Self.change(acme, &random) }
            for (number, position) in [1, 40, 70, 95].enumerated() {
                let moment = Moment.position(position)
                let name = "clone-\(number)"
                let id = try await operators.clone(acme, at: moment, into: name, ledger)
                let before = try await acme.root()
                let row = try await ledger.restores.apply(id)
                let clone = try await ledger.tenant(named: name)
                let expected = try await acme.content(at: moment)
                #expect(row.state == .applied && row.applied == expected.count)
                #expect(try await clone.content() == expected)
                #expect(try await acme.root() == before, "nothing of the source was changed")
                try await Witness.current.expectSound(clone.id, vault: ledger.vault)
                let python = try PythonVerifier(log: clone.id, on: Witness.current.superuser())
                #expect(python.status == 0, "\(python.output)")
                _ = try await clone.append(.put("crm/contact/0", type: "t", data: "{}"))
            }
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
            try Self.expectOwnKeys()
        }
    }

    /// No key seals parts of two tenants.
    private static func expectOwnKeys() throws {
        let shared = try Witness.current.superuser().query(
            """
            SELECT substr(body, 6, 32) FROM tally.event WHERE stream IS NOT NULL
            GROUP BY 1 HAVING count(DISTINCT slot) > 1
            """
        )
        #expect(shared.count == 0)
    }

    @Test func aCollectionOrAStreamCanBeCopiedAlone() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            _ = try await acme.append(.personal("crm/contact/9/note/1", "karl"))
            let operators = try await TwoOperators(ledger)
            let all = try await acme.content()
            for (name, scope) in [
                ("a", RestoreScope.collection("crm/contact")), ("b", .stream("crm/contact/2")),
            ] {
                let newest = Moment.position(try await acme.count() - 1)
                let id = try await operators.clone(acme, at: newest, scope, into: name, ledger)
                #expect(try await ledger.restores.apply(id).state == .applied)
                let content = try await ledger.tenant(named: name).content()
                #expect(
                    content
                        == all.filter {
                            name == "a" ? !$0.key.contains("note") : $0.key == "crm/contact/2"
                        }
                )
            }
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.restores.planClone(
                    acme,
                    at: .position(1),
                    .actor("user:1"),
                    into: "c"
                )
            }
            #expect(problem?.code == .invalid)
        }
    }

    @Test func whoWasErasedIsNotCopiedAndManyPeopleAre() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let last: Sections = ["zz": #"{"n":null,"o":[null]}"#]
            _ = try await acme.append(
                .put("school/class/1", type: "t", data: "{}", personal: last)
            )
            for page in 0..<3 {
                let people = (0..<30).map { ("pupil:\(page)-\($0)", #"{"n":\#($0)}"#) }
                _ = try await acme.append(
                    .patch("school/class/1", type: "t", personal: Sections(people))
                )
            }
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let clone = try await operators.makeClone(acme, "copy", ledger)
            let content = try await clone.content()
            #expect(content == (try await acme.content()))
            #expect(content["school/class/1"]?.count == 92)
            #expect(
                content["crm/contact/1"] == [
                    #"{"stage":"won"}"#, #"(key: "karl", value: "{\"name\":\"Karl\"}")"#,
                ]
            )
            let maria = try await ledger.subjectTag("maria", of: clone)
            let keys = try Witness.current.keyStore().query(
                "SELECT FROM tally_keys.key_record WHERE subject_tag = $1",
                [.bytea(maria.bytes)]
            )
            #expect(keys.count == 0)
        }
    }

    // MARK: - What is refused

    @Test func aCloneIsFrozenUntilItIsWholeAndNobodyElseImports() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.clone(acme, at: .position(4), into: "copy", ledger)
            let sealer = Sealer(vault: ledger.vault)
            let own = try await sealer.seal(
                [.put("s", type: "t", data: "{}")],
                for: acme.id,
                request: "own",
                kind: .imported
            )
            await #expect(throws: Problem.self, "nothing is imported into a tenant of its own") {
                _ = try await ledger.lanes().append(own)
            }
            _ = try await ledger.restores.apply(id) { step, _ in
                guard step == .began else { return }
                await #expect(throws: Problem.self) {
                    let copy = try await ledger.tenant(named: "copy")
                    _ = try await copy.append(.put("s", type: "t", data: "{}"))
                }
                await #expect(throws: Problem.self, "the source is not its to write to") {
                    let lane = ledger.decisionContext.restoring(id)
                    defer { Task { await lane.close() } }
                    _ = try await lane.append(own)
                }
            }
            let copy = try await ledger.tenant(named: "copy")
            _ = try await copy.append(.put("s", type: "t", data: "{}"))
            let again = try await ledger.restores.apply(id)
            #expect(again.state == .applied, "once is enough")
            let undo = await #expect(throws: Problem.self) {
                _ = try await ledger.restores.planUndo(id)
            }
            #expect(undo?.hint.contains("--whole-tenant") == true)
        }
    }

    @Test func aTakenNameAnErasureUnderWayAndAMissingSignatureAreRefused() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let restores = ledger.restores
            let taken = await #expect(throws: Problem.self) {
                _ = try await restores.planClone(acme, at: .position(4), into: "acme")
            }
            #expect(taken?.code == .invalid)
            let plan = try await restores.planClone(acme, at: .position(4), into: "copy")
            let waiting = try await restores.request(plan, by: operators.asking)
            let unsigned = await #expect(throws: Problem.self) {
                _ = try await restores.apply(waiting.id)
            }
            #expect(unsigned?.code == .approvalRequired)
            _ = try await ledger.decisions.approve(waiting.id, with: operators.approving)
            let erasure = try await operators.erasure(of: "maria", acme, ledger)
            let busy = await #expect(throws: Problem.self) {
                _ = try await restores.apply(waiting.id)
            }
            #expect(busy?.message.contains("erasure") == true)
            _ = try await ledger.erasures.run(erasure)
            #expect(try await restores.apply(waiting.id).state == .applied)
        }
    }

    @Test func aRestrictionGoesWithTheData() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            _ = try await ledger.registry.freeze(acme.id, .restricted)
            let copy = try await operators.makeClone(acme, "copy", ledger)
            #expect(try await ledger.registry.level(of: copy.id) == .restricted)
            #expect(await copy.answer([.personal("s", "x")]).problem == .frozen)
            try await Witness.current.expectSound(copy.id, vault: ledger.vault)
            _ = try await ledger.registry.thaw(copy.id)
            #expect(await copy.answer([.personal("s", "x")]).receipts.count == 1)
        }
    }

    @Test func aCloneOfAMomentThatWasNotIsFound() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            _ = try await TwoOperators(ledger).makeClone(acme, "copy", ledger)
            let pool = ledger.auditors(jobs: 1)
            defer { pool.close() }
            #expect(try await LedgerVerifier(pool: pool).check() == [])
            try test.attacker().execute(
                """
                UPDATE tally.event SET leaf = set_byte(leaf, 40, get_byte(leaf, 40) # 1)
                WHERE slot = 1
                """
            )
            #expect(try await LedgerVerifier(pool: pool).check().map(\.name) == [.alteredTenant])
        }
    }

    @Test func aRowThatHidesWhereACloneComesFromIsFound() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let copy = try await TwoOperators(ledger).makeClone(acme, "copy", ledger)
            try test.attacker().execute("UPDATE tally.tenant SET source = NULL")
            let verdict = try await Witness.current.verdict(copy.id)
            #expect(verdict.findings.map(\.name) == [.alteredTenant])
        }
    }
}
