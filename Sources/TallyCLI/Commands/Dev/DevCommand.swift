// tally dev: a private cluster with a ledger in it, for as long as the command runs.

internal import ArgumentParser
internal import Foundation
internal import TallyPostgres
internal import Tallystick

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run a private PostgreSQL with a ledger in it.",
        discussion: """
            Examples:
              tally dev
              tally dev -- tally tenant create acme

            With a command, exports TALLY_DB, TALLY_KEYS, TALLY_KEK_DIR and TALLY_KEY_JOURNAL to
            it, puts this tally on its PATH, ends what it left running in its process group, stops
            the cluster and exits with its status: 127 where there is no such command, 128 and
            the signal's number where a signal ended it. Without one, prints the four and stays
            until Ctrl-C.

            The data stays in the directory: postgres, kek and journal. Where PostgreSQL's user
            cannot enter it, as in root's home, the databases lie in a folder of
            /var/lib/tallystick; tally dev --list says where.
            """
    )

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Where the data is.", valueName: "dir"))
    var data = ".tally"

    @Flag(help: "Delete the ledger that is there, and start over.")
    var fresh = false

    @Flag(inversion: .prefixedNo, help: "Keep documents and the trail up to date meanwhile.")
    var projections = true

    @Flag(help: "Show the ledgers that tally dev and tally demo have made.")
    var list = false

    @Flag(help: "Delete the ledger in the directory, its keys and its databases.")
    var remove = false

    @Flag(help: "With --remove: do not ask.")
    var yes = false

    @Argument(parsing: .postTerminator, help: "A command to run, after --.")
    var command: [String] = []

    func validate() throws {
        guard !(list && remove) else {
            throw ValidationError("--list and --remove exclude each other")
        }
        guard !list && !remove || command.isEmpty && !fresh else {
            throw ValidationError("--list and --remove take neither a command nor --fresh")
        }
        guard !yes || remove else { throw ValidationError("--yes goes with --remove") }
    }

    func run() async throws {
        if list { return try DevSites.list(output) }
        if remove { return try DevSites.remove(data, isSure: yes) }
        let outside = JobCommand.findingTally(ProcessInfo.processInfo.environment)
        let job = command.isEmpty ? nil : try JobCommand(command, environment: outside)
        let site = try await EmbeddedSite.start(
            directory: data,
            origin: "localhost/rounds/1",
            isFresh: fresh
        )
        if let notice = site.notice { Talk.say(notice) }
        let status = try await withProjections(site) {
            guard let job else { return try await stay(site) }
            // This ledger's KEKs are files, wherever those of another ledger are.
            let inside = outside.filter { $0.key != "TALLY_KEK" }
                .merging(site.environment) { $1 }
            return try await offPool { try Job.run(job, environment: inside) }
        }
        try site.stop()
        if status != 0 { throw ExitStatus(code: status) }
    }

    /// Keeps the ledger's projections up to date while `body` runs.
    private func withProjections(
        _ site: EmbeddedSite,
        _ body: () async throws -> Int32
    ) async throws -> Int32 {
        guard projections else { return try await body() }
        let ledger = try await Ledger.open(site.configuration)
        let projections = Task { try await ProjectionService(ledger).run() }
        let result: Result<Int32, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        projections.cancel()
        try? await projections.value
        await ledger.close()
        return try result.get()
    }

    private func stay(_ site: EmbeddedSite) async throws -> Int32 {
        for (name, value) in site.environment.sorted(by: { $0.key < $1.key }) {
            Page.line("export \(name)='\(value)'")
        }
        Talk.say("the cluster runs until Ctrl-C; its data stays in \(site.place.directory)")
        return try await offPool {
            let signals = try JobSignals([SIGINT, SIGTERM, SIGHUP])
            while signals.next(within: DevLimits.look) == nil {}
            return 0
        }
    }
}

/// Runs what blocks on a thread of its own.
private func offPool<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
