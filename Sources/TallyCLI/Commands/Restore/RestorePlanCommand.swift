// tally restore plan and undo: what would have to be written, and the request for it.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// Who asks for a restore, or that nobody does yet.
struct RestoreRequestOptions: ParsableArguments {
    @OptionGroup var signer: OperatorKeyOption

    @Flag(help: "Show the plan and ask for nothing.")
    var dryRun = false

    /// Shows a plan, and asks for it unless it is a dry run; exit 7 when it waits for a signature.
    func finish(
        _ plan: RestorePlan,
        _ tenant: TenantID,
        _ name: String,
        _ restores: Restores,
        _ output: OutputOptions
    ) async throws {
        let request =
            dryRun ? nil : try await restores.request(plan, by: signer.key())
        output.renderer.show([RestoreView.record(plan, name, request)], isList: false)
        let shown = Array(plan.conflicts.prefix(20))
        let names = try await restores.plans.names(tenant, shown)
        for stream in shown {
            Talk.say("conflict: \(names[stream] ?? stream.hex) stays as it is")
        }
        if plan.conflicts.count > shown.count {
            Talk.say(
                "and \(plan.conflicts.count - shown.count) more: tally restore show --conflicts"
            )
        }
        guard let request else { return }
        try Self.next(request)
    }

    /// Shows the plan of a clone, and asks for it unless it is a dry run.
    func finish(
        _ plan: ClonePlan,
        _ tenant: Tenant,
        _ name: String,
        _ restores: Restores,
        _ output: OutputOptions
    ) async throws {
        let request =
            dryRun ? nil : try await restores.request(plan, by: signer.key())
        output.renderer.show([RestoreView.record(plan, tenant.name, name, request)], isList: false)
        if let request { try Self.next(request) }
    }

    private static func next(_ request: (id: DecisionID, state: DecisionState)) throws {
        guard request.state == .waiting else {
            return Talk.say("apply it: tally restore apply \(request.id.hex)")
        }
        Talk.say(
            "waits for another operator: tally restore approve \(request.id.hex) --operator-key "
                + "FILE"
        )
        throw ExitStatus(code: 7)
    }
}

struct RestorePlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Plan a restore and ask for it.",
        discussion: """
            Examples:
              tally restore plan acme --at 2026-11-20T12:00Z --dry-run
              tally restore plan acme --at before:4be190c2a0f64a0d9f3a7c1d5e6b7a88 \\
                --actor script:cleanup --operator-key alice.pem

            Everything that was written after the moment is taken back; of a collection,
            a stream, an actor or some events only that. What others wrote to the same
            streams since is a conflict and stays. tally time diff shows the documents.

            With --into NAME nothing is taken back: the documents as they were are copied
            into a new tenant with keys of its own, for a rehearsal or a look. Of a
            collection only its own, without those in it. Erasures reach the copy, too.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var asking: RestoreRequestOptions

    @Argument(help: "The tenant's name.", completion: .tenant)
    var tenant: String

    @Option(
        parsing: .unconditional,
        help: MomentHelp.text,
        transform: MomentArgument.moment
    )
    var at: Moment?

    @Option(help: ArgumentHelp("Copy the documents into a new tenant.", valueName: "name"))
    var into: String?

    @Option(help: "Take back changes of a collection only, and of those in it.")
    var collection: String?

    @Option(help: "Take back changes of one stream only.")
    var stream: String?

    @Option(help: "Take back what one actor wrote.")
    var actor: String?

    @Option(help: "Instead of --at: take back the events at these positions, FIRST-LAST.")
    var events: EventRange?

    @Flag(help: "Leave documents deleted that are not there any more.")
    var noCreate = false

    @Flag(help: "Leave documents that were another then.")
    var noUpdate = false

    @Flag(help: "Leave documents that were not there then.")
    var noDelete = false

    func validate() throws {
        guard (at == nil) != (events == nil) else {
            throw ValidationError("give a moment with --at, or positions with --events")
        }
        let scopes = [collection, stream, actor, events.map { _ in "" }].compactMap { $0 }
        guard scopes.count <= 1 else {
            throw ValidationError("give one of --collection, --stream, --actor and --events")
        }
        guard into == nil || (actor == nil && events == nil && !noCreate && !noUpdate && !noDelete)
        else {
            throw ValidationError("--into copies documents: give --collection or --stream at most")
        }
    }

    func run() async throws {
        try await ledger.open { ledger in
            let tenant = try await ledger.known(tenant)
            let restores = ledger.restores
            let moment = at ?? .position((events?.range.lowerBound ?? 1) - 1)
            if let into {
                let plan = try await restores.planClone(tenant, at: moment, scope, into: into)
                return try await asking.finish(plan, tenant, into, restores, output)
            }
            let size = try await ledger.registry.find(tenant.name).size
            guard events?.range.upperBound ?? 0 <= size else {
                throw Problem(
                    .notFound,
                    "the tenant has no event \((events?.range.upperBound ?? 0) - 1)",
                    hint: "tally tenant show says how many events there are"
                )
            }
            let meter = ProgressMeter("plan", total: size, unit: "events", form: output.progress)
            let plan = try await restores.plan(tenant, at: moment, scope, switches) {
                meter.update($0)
            }
            meter.finish()
            try await asking.finish(plan, tenant.id, tenant.name, restores, output)
        }
    }

    private var scope: RestoreScope {
        if let collection { return .collection(collection) }
        if let stream { return .stream(stream) }
        if let actor { return .actor(actor) }
        if let events { return .events(events.range) }
        return .tenant
    }

    private var switches: RestoreSwitches {
        var switches = RestoreSwitches()
        switches.createsMissing = !noCreate
        switches.updatesExisting = !noUpdate
        switches.deletesNew = !noDelete
        return switches
    }
}

/// Positions of events, as in `4711-4730`.
struct EventRange: ExpressibleByArgument {
    let range: Range<Int>

    init?(argument: String) {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first >= 1,
            first <= last, last < Int.max
        else { return nil }
        range = first..<last + 1
    }
}

struct RestoreUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Plan to take a restore back, and ask for it.",
        discussion: """
            Examples:
              tally restore undo 9f02…11c4 --dry-run
              tally restore undo 9f02…11c4 --operator-key alice.pem

            It is a restore to just before that one began, of the streams that it touched;
            approve and apply it like any other.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var asking: RestoreRequestOptions

    @Argument(help: "The restore's id, 32 hexadecimal digits.")
    var restore: String

    func run() async throws {
        let id = try DecisionID.parse(restore)
        try await ledger.open { ledger in
            let restores = ledger.restores
            let plan = try await restores.planUndo(id)
            let row = try await restores.find(id)
            let name = try await TenantNames(ledger)[row.tenant] ?? row.tenant.hex
            try await asking.finish(plan, row.tenant, name, restores, output)
        }
    }
}
