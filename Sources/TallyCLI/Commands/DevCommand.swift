// tally dev: a private cluster with a ledger in it, for as long as the command runs.

internal import ArgumentParser
internal import Foundation
internal import TallyPostgres
internal import Tallystick
internal import UnixSignals

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run a private PostgreSQL with a ledger in it.",
        discussion: """
            Examples:
              tally dev
              tally dev -- tally tenant create acme

            With a command, exports TALLY_DB, TALLY_KEYS, TALLY_KEK_DIR and TALLY_KEY_JOURNAL to
            it, stops the cluster afterwards and exits with its status. Without one, prints them
            and stays until Ctrl-C. The data stays in the directory.
            """
    )

    @Option(help: ArgumentHelp("Where the data is.", valueName: "dir"))
    var data = ".tally"

    @Flag(help: "Delete the ledger that is there, and begin anew.")
    var fresh = false

    @Flag(inversion: .prefixedNo, help: "Keep documents and the trail up to date meanwhile.")
    var projections = true

    @Argument(parsing: .captureForPassthrough, help: "A command to run, after --.")
    var command: [String] = []

    func run() async throws {
        let site = try await EmbeddedSite.start(directory: data)
        if fresh { try await site.clear() }
        _ = try await Ledger.initialize(site.configuration, origin: "localhost/rounds/1")
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        let status = try await withProjections(site) {
            try await words.isEmpty ? stay(site) : child(words, site)
        }
        try? site.cluster.stop()
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

    private func stay(_ site: EmbeddedSite) async -> Int32 {
        for (name, value) in site.environment.sorted(by: { $0.key < $1.key }) {
            Page.line("export \(name)='\(value)'")
        }
        Talk.say("the cluster runs until Ctrl-C; its data stays in \(data)")
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
        return 0
    }

    private func child(_ words: [String], _ site: EmbeddedSite) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        var environment = ProcessInfo.processInfo.environment
        // This ledger's KEKs are files, wherever those of another ledger are.
        environment["TALLY_KEK"] = nil
        process.environment = environment.merging(site.environment) { $1 }
        // Ctrl-C reaches the command too; we wait for its end, then stop the cluster.
        signal(SIGINT, SIG_IGN)
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { ended in
                let signalled = ended.terminationReason == .uncaughtSignal
                continuation.resume(returning: ended.terminationStatus + (signalled ? 128 : 0))
            }
            do {
                try process.run()
            } catch {
                continuation.resume(
                    throwing: Problem(
                        .notFound,
                        "\(words[0]) cannot be run",
                        hint: "check its path"
                    )
                )
            }
        }
    }
}
