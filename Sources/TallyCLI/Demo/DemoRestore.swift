// The demo's act about going back: a script deletes a season, two operators bring it back by
// appending, and take that back again.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// Loses a season and restores it.
struct DemoRestore {
    private static let script = "script:cleanup"

    let stage: DemoStage
    let source: DemoSource
    let ledger: Ledger
    let operators: DemoOperators

    /// Plays the act.
    func play(_ act: Int) async throws {
        let tenant = try await ledger.tenant(named: source.tenants[0].name)
        stage.act(act, "A script deletes a season; two operators bring it back")
        let moment = Moment.position(try await ledger.registry.find(tenant.name).size - 1)
        try await deleteSeason(tenant)
        try await findMoment(tenant)
        let plan = try await ledger.restores.plan(tenant, at: moment, .actor(Self.script))
        let prompt =
            "tally restore plan \(tenant.name) --at \(Self.text(moment))"
        let restored = try await carryOut(
            plan,
            tenant,
            "\(prompt) --actor \(Self.script) --operator-key alice.pem"
        )
        let left = try await differences(tenant, since: moment)
        let undo = try await ledger.restores.planUndo(restored)
        _ = try await carryOut(
            undo,
            tenant,
            "tally restore undo \(restored.hex.prefix(8))… --operator-key alice.pem"
        )
        let gone = try await differences(tenant, since: moment)
        let again = try await ledger.restores.plan(tenant, at: moment)
        _ = try await carryOut(again, tenant, "\(prompt) --operator-key alice.pem   # for good")
        let end = try await differences(tenant, since: moment)
        guard left == 0, gone == plan.steps.count, end == 0 else { throw ExitStatus(code: 1) }
        stage.good("nothing was rewound: loss, restore and undo all stand in the log")
    }

    private static func text(_ moment: Moment) -> String {
        guard case .position(let position) = moment else { return "" }
        return "\(position)"
    }

    /// Deletes the documents of the season with most entries of the star.
    private func deleteSeason(_ tenant: Tenant) async throws {
        let season = source.starStreams.last ?? ""
        let collection = season.collection
        let streams = Set(source.tenants[0].events.map(\.stream))
            .filter { $0.collection == collection }.sorted()
        var requests: [AppendRequest] = []
        for stream in streams where try await tenant.document(stream) != nil {
            var event = NewEvent.delete(stream, type: "season.deleted")
            event.actor = Self.script
            requests.append(AppendRequest([event], id: "cleanup/\(stream)"))
        }
        for result in await tenant.append(requests: requests) { _ = try result.get() }
        stage.bad("\(Self.script) has deleted \(requests.count.grouped) documents of \(collection)")
    }

    private func findMoment(_ tenant: Tenant) async throws {
        stage.prompt("tally event list \(tenant.name) --where actor:\(Self.script) --limit 1")
        _ = try await ledger.projectionRunner().catchUp(tenant.id, [BuiltInProjection.trail])
        let first = try await tenant.events(where: "actor:\(Self.script)", limit: 1).events.first
        stage.say(
            "event \(first?.position ?? 0) was its first: everything before it is wanted back"
        )
    }

    /// Asks as Alice, approves as Bob, and applies.
    private func carryOut(
        _ plan: RestorePlan,
        _ tenant: Tenant,
        _ prompt: String
    ) async throws -> DecisionID {
        stage.prompt(prompt)
        let restores = ledger.restores
        let request = try await restores.request(plan, by: operators.alice)
        stage.say(
            "\(plan.steps.count.grouped) documents, \(plan.conflicts.count) conflicts; "
                + "waits for another operator"
        )
        let name = "\(request.id.hex.prefix(8))…"
        stage.prompt("tally restore approve \(name) --operator-key bob.pem")
        _ = try await ledger.decisions.approve(request.id, with: operators.bob)
        stage.prompt("tally restore apply \(name) --yes")
        let began = ContinuousClock.now
        let row = try await restores.apply(request.id)
        let milliseconds = (ContinuousClock.now - began) / .milliseconds(1)
        stage.good(
            "\(row.state.rawValue): \(row.applied.grouped) documents in \(Int(milliseconds)) ms, "
                + "and "
                + "their root is the planned one"
        )
        return request.id
    }

    private func differences(_ tenant: Tenant, since moment: Moment) async throws -> Int {
        stage.prompt("tally time diff \(tenant.name) --at \(Self.text(moment))")
        let count = try await tenant.differences(from: moment, limit: 10_000).changes.count
        stage.say("\(count.grouped) documents differ from that moment")
        return count
    }
}
