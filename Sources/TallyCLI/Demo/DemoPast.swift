// The demo's acts about state: documents and where they come from, the tenant as it was, and
// filters.

internal import Foundation
internal import TallyCore
internal import TallyReplay
internal import Tallystick

/// Shows what events add up to, now and then.
struct DemoPast {
    let stage: DemoStage
    let source: DemoSource
    let ledger: Ledger
    let output: OutputOptions

    /// The current document of a season, the person's own as it was, and what changed since.
    func documents(_ act: Int) async throws {
        stage.act(act, "Documents: what the events add up to")
        let tenant = try await ledger.tenant(named: source.tenants[0].name)
        try await catchUp()
        if let season = source.starStreams.last {
            stage.prompt("tally document show \(tenant.name) \(season)")
            try await show(tenant, season, at: nil)
        }
        let person = "staff/player/\(source.star)"
        let middle = try await ledger.registry.find(tenant.name).size / 2
        try await past(tenant, person, middle)
        try await difference(tenant, middle)
    }

    private func catchUp() async throws {
        let names: Set = [BuiltInProjection.documents, BuiltInProjection.trail]
        let total = source.tenants.reduce(0) { $0 + $1.events.count }
        let began = ContinuousClock.now
        for tenant in source.tenants {
            let id = try await ledger.tenant(named: tenant.name).id
            if let stop = try await ledger.projectionRunner().catchUp(id, names) {
                throw Problem(.projectionBehind, stop.reason, hint: "please report it")
            }
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        stage.say(
            "documents and trail of \(total.grouped) events in "
                + "\(String(format: "%.1f", seconds)) s, sealed under the same keys"
        )
    }

    private func show(_ tenant: Tenant, _ stream: String, at moment: Moment?) async throws {
        guard let document = try await tenant.document(stream, at: moment) else {
            return stage.say("there is none: the newest event of the stream removed it")
        }
        stage.say("version \(document.version)  \(Self.shortened(document.data))")
        for (subject, section) in document.personal.sorted(by: { $0.key < $1.key }) {
            stage.say("personal   \(subject) \(Self.shortened(section))")
        }
    }

    /// A person who has left has no document any more, but had one.
    private func past(_ tenant: Tenant, _ stream: String, _ middle: Int) async throws {
        let history = try await tenant.history(of: stream)
        let last = history.last { $0.operation != .delete }?.position ?? middle
        stage.prompt("tally document show \(tenant.name) \(stream)")
        try await show(tenant, stream, at: nil)
        stage.prompt("tally document show \(tenant.name) \(stream) --at \(last)")
        try await show(tenant, stream, at: .position(last))
    }

    private func difference(_ tenant: Tenant, _ middle: Int) async throws {
        stage.prompt("tally time show \(tenant.name) --at \(middle)")
        let receipt = try await tenant.resolve(.position(middle))
        stage.say(
            "\(receipt.size.grouped) events, the newest recorded at "
                + "\(receipt.recordedAt.map { "\($0)" } ?? "?")"
        )
        stage.say("log hash then: \(receipt.leafHash ?? "?")")
        stage.prompt("tally time diff \(tenant.name) --at \(middle)")
        let diff = try await tenant.differences(from: .position(middle), limit: 10_000)
        let kinds = Dictionary(grouping: diff.changes, by: \.kind).mapValues(\.count)
        for kind in [DocumentChange.Kind.created, .updated, .deleted] {
            stage.say("\(kind.rawValue)  \(kinds[kind, default: 0].grouped)")
        }
    }

    /// A filter by actor and collection, answered from the trail.
    func filter(_ act: Int) async throws {
        let tenant = try await ledger.tenant(named: source.tenants[0].name)
        let query = "actor:office:payroll collection:staff/*"
        stage.act(act, "Filter by actor and collection")
        stage.prompt("tally event list \(tenant.name) --where '\(query)' --limit 3")
        let began = ContinuousClock.now
        let found = try await tenant.events(where: query, limit: 3)
        let milliseconds = (ContinuousClock.now - began) / .milliseconds(1)
        for event in found.events {
            stage.say(
                "event \(event.position)  \(event.stream ?? "")  \(event.type ?? "")  "
                    + "by \(event.actor ?? "")"
            )
        }
        let size = try await ledger.registry.find(tenant.name).size
        stage.good(
            "\(String(format: "%.1f", milliseconds)) ms in \(size.grouped) events: "
                + "tags are keyed, so the database learns neither names nor what you ask for"
        )
    }

    private static func shortened(_ text: String) -> String {
        text.count > 110 ? "\(text.prefix(109))…" : text
    }
}
