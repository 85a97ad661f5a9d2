// The demo's acts, in order: append, read, documents, filter, verify, tamper, repair, restore,
// erase.

internal import Foundation
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

/// Tells the story of one ledger.
struct DemoStory {
    let stage = DemoStage()
    let directory: String
    let output: OutputOptions

    /// Plays all acts.
    func play() async throws {
        stage.say("Three employers, one ledger: every write sealed, chained, and checkable.")
        let source = try await DemoSource.load(
            cache: URL(fileURLWithPath: directory).appendingPathComponent("data")
        )
        for line in source.notice.split(separator: "\n") { stage.say(String(line)) }
        let demo = try await DemoSite.open(directory: directory)
        do {
            try await append(source, demo)
            let victim = try await read(source, demo)
            let past = DemoPast(stage: stage, source: source, ledger: demo.ledger, output: output)
            try await past.documents(3)
            try await past.filter(4)
            try await verify(demo)
            try await tamper(victim, source, demo)
            let operators = try await DemoOperators(stage, demo.ledger)
            let restore = DemoRestore(
                stage: stage,
                source: source,
                ledger: demo.ledger,
                operators: operators
            )
            try await restore.play(8)
            let erasure = DemoErasure(
                stage: stage,
                source: source,
                ledger: demo.ledger,
                directory: directory,
                check: DemoCheck(ledger: demo.ledger, output: output),
                operators: operators
            )
            try await erasure.play(9)
            outlook(source)
        } catch {
            try await demo.close()
            throw error
        }
        try await demo.close()
    }

    private func append(_ source: DemoSource, _ demo: DemoSite) async throws {
        let total = source.tenants.reduce(0) { $0 + $1.events.count }
        let (subjects, shared) = source.subjects
        stage.act(1, "Append \(total.grouped) events")
        stage.say(
            "\(subjects.grouped) people, \(shared.grouped) of them known to several employers; "
                + "each has a key of their own."
        )
        let meter = ProgressMeter("append", total: total, unit: "events", form: output.progress)
        let began = ContinuousClock.now
        let stored = try await DemoLoad(ledger: demo.ledger, meter: meter).run(source.tenants)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        for tenant in source.tenants {
            let count = tenant.events.count.grouped
            stage.say("\(tenant.name)  \(tenant.title): \(count) events")
        }
        stage.good(
            "\(stored.grouped) receipts in \(String(format: "%.1f", seconds)) s: "
                + "\(Int(Double(stored) / seconds).grouped) events/s, each durable when receipted"
        )
    }

    /// Shows a player's events; gives the position of one of them.
    private func read(_ source: DemoSource, _ demo: DemoSite) async throws -> Int {
        stage.act(2, "Read one person's events")
        let tenant = try await demo.ledger.tenant(named: source.tenants[0].name)
        var positions: [Int] = []
        for stream in source.starStreams {
            stage.prompt("tally event list \(tenant.name) --stream \(stream)")
            positions += try await show(stream, tenant, demo)
        }
        return positions.last ?? 1
    }

    private func show(
        _ stream: String,
        _ tenant: Tenant,
        _ demo: DemoSite
    ) async throws(Problem) -> [Int] {
        do {
            let tag = try await demo.ledger.vault.indexKey(tenant.id).tag(.stream, stream)
            let rows = try await Session(pool: demo.ledger.readers)
                .events(tenant.id, stream: tag, after: 0, limit: 4)
            let opener = EventOpener(vault: demo.ledger.vault)
            for event in try await opener.open(rows, of: tenant.id) { show(event) }
            return rows.map(\.position)
        } catch {
            throw Problem(error)
        }
    }

    private func show(_ event: OpenedEvent) {
        guard case .content(let envelope) = event.envelope else { return }
        stage.say(
            "event \(event.stored.position)  v\(event.stored.version ?? 0)  \(envelope.type)  "
                + "by \(envelope.actor)"
        )
        let data = String(decoding: envelope.data.text, as: UTF8.self)
        if !data.isEmpty { stage.say("  data      \(Self.shortened(data))") }
        for case .content(let section) in event.sections {
            let text = String(decoding: section.data, as: UTF8.self)
            stage.say("  personal  \(section.name.subject) \(text)")
        }
    }

    private static func shortened(_ text: String) -> String {
        text.count > 110 ? "\(text.prefix(109))…" : text
    }

    private func verify(_ demo: DemoSite) async throws {
        stage.act(5, "Verify everything, keys in hand")
        stage.prompt("tally verify --open --allow-missing checkpoints,witnesses")
        let status = try await DemoCheck(ledger: demo.ledger, output: output).run()
        stage.good("exit \(status): every check that can run has passed")
    }

    private func tamper(
        _ position: Int,
        _ source: DemoSource,
        _ demo: DemoSite
    ) async throws {
        let name = source.tenants[0].name
        let tenant = try await demo.ledger.tenant(named: name)
        let check = DemoCheck(ledger: demo.ledger, output: output)
        stage.act(6, "A superuser changes one byte of event \(position), triggers off")
        stage.prompt("UPDATE tally.event SET body = set_byte(body, 80, …) WHERE position = …")
        try await demo.flipByte(of: position, tenant: tenant)
        stage.prompt("tally verify \(name) --allow-missing checkpoints,witnesses")
        let broken = try await check.run(only: name)
        stage.bad("exit \(broken): the ledger names the event")
        stage.act(7, "The byte is put back")
        try await demo.flipByte(of: position, tenant: tenant)
        stage.prompt("tally verify \(name) --allow-missing checkpoints,witnesses")
        let whole = try await check.run(only: name)
        stage.good("exit \(whole): nobody has to be believed, it can be checked")
        guard broken == 3, whole == 0 else { throw ExitStatus(code: 1) }
    }

    private func outlook(_ source: DemoSource) {
        let tally = CommandLine.arguments.first ?? "tally"
        let name = source.tenants[0].name
        stage.act(10, "What to try next")
        stage.say("The ledger stays in \(directory); each of these starts it again:")
        for words in [
            "tenant list", "event list \(name) --stream staff/player/\(source.star) -o json",
            "document list \(name) --collection staff/player --limit 5",
            "event list \(name) --where 'subject:person:\(source.star)' -o csv",
            "time diff \(name) --at 1000 --to 2000 -o jsonl",
            "tail \(name) --after 17000 --count 5",
            "append \(name) staff/note/1 note.taken --operation note --data '{\"seen\":true}'",
            "verify --open --allow-missing checkpoints,witnesses",
            "restore list",
            "erasure list",
            "doctor",
        ] {
            stage.prompt("\(tally) dev --data \(directory) -- \(tally) \(words)")
        }
    }
}
