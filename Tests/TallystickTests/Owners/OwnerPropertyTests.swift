// Chance decides who asks for what, signs, refuses and carries out, and a plain model says what may
// become of it: nothing more does, and both verifiers find nothing afterwards.

import Foundation
import TallyCore
import TallyCrypto
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct OwnerPropertyTests {
    /// Somebody with a key, and what the rules let that key decide.
    private struct Actor {
        let key: OperatorKey
        let isOperator: Bool
        let actions: Set<ApprovalAction>
    }

    /// A request as the model sees it.
    private struct Expected {
        let id: DecisionID
        let requester: Int
        let isOfOwner: Bool
        var signers: Set<Int>
        var state = "waiting"
    }

    private struct World {
        let ledger: Ledger
        let tenant: Tenant
        let actors: [Actor]
        let quorum: Int
        var requests: [Expected] = []
        var isHeld = false

        /// Whether a request has what the rules ask for.
        func isDecided(_ request: Expected) -> Bool {
            request.isOfOwner
                ? request.signers.count >= quorum
                : request.signers.contains { $0 != request.requester }
        }
    }

    private func world(_ ledger: Ledger, quorum: Int) async throws -> World {
        let operators = try await TwoOperators(ledger)
        let owners = try await TenantOwners(quorum: quorum, in: ledger)
        let all: Set<ApprovalAction> = [.subjectErasure, .tenantErasure, .ownerChange]
        return World(
            ledger: ledger,
            tenant: owners.tenant,
            actors: [
                Actor(key: operators.asking, isOperator: true, actions: []),
                Actor(key: operators.approving, isOperator: true, actions: []),
                Actor(key: owners.carol, isOperator: false, actions: all),
                Actor(key: owners.dan, isOperator: false, actions: all),
                Actor(key: owners.agent, isOperator: false, actions: [.subjectErasure]),
                Actor(key: try OperatorKey(Ed25519PrivateKey()), isOperator: false, actions: []),
            ],
            quorum: quorum
        )
    }

    private func ask(_ world: inout World, _ number: Int) async throws {
        let actor = world.actors[number]
        let isOfOwner = actor.actions.contains(.subjectErasure)
        var id: DecisionID?
        let code = await problemCode { [world] in
            id = try await world.ledger.erasures.request(
                subject: ["maria", "karl"][number % 2],
                of: world.tenant,
                ground: "g",
                by: actor.key
            ).id
        }
        #expect(code == (isOfOwner || actor.isOperator ? nil : .forbidden))
        guard let id else { return }
        world.requests.append(
            Expected(id: id, requester: number, isOfOwner: isOfOwner, signers: [number])
        )
    }

    private func sign(_ world: inout World, _ number: Int, _ place: Int) async throws {
        let (actor, request) = (world.actors[number], world.requests[place])
        let isAllowed =
            !request.signers.contains(number) && request.state == "waiting"
            && !world.isDecided(request)
            && (request.isOfOwner ? actor.actions.contains(.subjectErasure) : actor.isOperator)
        let code = await problemCode { [world] in
            _ = try await world.ledger.decisions.approve(request.id, with: actor.key)
        }
        #expect(code == (isAllowed ? nil : .forbidden), "\(number) signs \(request)")
        if isAllowed { world.requests[place].signers.insert(number) }
    }

    private func refuse(_ world: inout World, _ number: Int, _ place: Int) async throws {
        let (actor, request) = (world.actors[number], world.requests[place])
        let isOwner = actor.actions.contains(.subjectErasure)
        let isAllowed =
            request.state == "waiting" && (isOwner || actor.isOperator && !request.isOfOwner)
        let code = await problemCode { [world] in
            try await world.ledger.decisions.refuse(request.id, ground: "g", by: actor.key)
        }
        #expect(code == (isAllowed ? nil : .forbidden), "\(number) refuses \(request)")
        if isAllowed { world.requests[place].state = "refused" }
    }

    private func run(_ world: inout World, _ place: Int) async throws {
        let request = world.requests[place]
        let code = await problemCode { [world] in
            _ = try await world.ledger.erasures.run(request.id)
        }
        let expected: Problem.Code? =
            switch request.state {
            case "refused", "purged": nil
            default: !world.isDecided(request) ? .approvalRequired : world.isHeld ? .hold : nil
            }
        #expect(code == expected, "\(request)")
        if code == nil, request.state == "waiting" { world.requests[place].state = "purged" }
    }

    private func hold(_ world: inout World) async throws {
        guard !world.isHeld else { return }
        let decisions = world.ledger.decisions
        let hold = try await decisions.placeHold(
            on: nil,
            of: world.tenant,
            reviewAt: .later,
            by: world.actors[0].key
        )
        _ = try await decisions.approve(hold.id, with: world.actors[1].key)
        world.isHeld = true
    }

    @Test(arguments: [1, 2])
    func whateverIsTriedOnlyWhatTheRulesSayHappens(quorum: Int) async throws {
        let seed =
            ProcessInfo.processInfo.environment["TALLY_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0...999_999)
        try await TestLedger.current.open { ledger in
            var random = SeededRandom(seed: seed)
            var world = try await world(ledger, quorum: quorum)
            for step in 0..<60 {
                let number = Int.random(in: world.actors.indices, using: &random)
                let place = world.requests.indices.randomElement(using: &random)
                switch (Int.random(in: 0..<9, using: &random), place) {
                case (0...1, _), (_, nil): try await ask(&world, number)
                case (2...4, let place?): try await sign(&world, number, place)
                case (5, let place?): try await refuse(&world, number, place)
                case (6, _) where step > 40: try await hold(&world)
                case (_, let place?): try await run(&world, place)
                }
            }
            for tenant in [world.tenant.id, ledger.ownTenant] {
                #expect(try await Witness.current.findings(tenant).isEmpty, "seed \(seed)")
            }
            let python = try PythonVerifier(
                log: world.tenant.id,
                on: Witness.current.superuser()
            )
            #expect(python.status == 0, "seed \(seed): \(python.output)")
        }
    }
}
