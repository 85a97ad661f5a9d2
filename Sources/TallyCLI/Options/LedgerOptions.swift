// Where the ledger is: flags, then environment, then the nearest tally.yaml.

internal import ArgumentParser
internal import Configuration
internal import Foundation
internal import SystemPackage
internal import TallyCore
internal import Tallystick

/// The four places of a ledger.
struct LedgerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The ledger's database, a libpq URI.", valueName: "uri"))
    var db: String?

    @Option(help: ArgumentHelp("The key store's database, a libpq URI.", valueName: "uri"))
    var keys: String?

    @Option(
        help: ArgumentHelp("Where the KEKs are, an openbao: or pkcs11: URI.", valueName: "uri")
    )
    var kek: String?

    @Option(help: ArgumentHelp("Instead of --kek: the directory of KEK files.", valueName: "dir"))
    var kekDir: String?

    @Option(help: ArgumentHelp("The directory of the key journal.", valueName: "dir"))
    var keyJournal: String?

    @Option(
        help: ArgumentHelp(
            "How long a database that does not answer is waited for.",
            valueName: "seconds"
        )
    )
    var connectPatience: String?

    /// The configuration that flags, environment and file make together.
    ///
    /// - Throws: ``Problem`` `misconfigured`, naming what is missing and how to give it.
    func configuration() async throws -> LedgerConfiguration {
        let sources = try await sources()
        var configuration = LedgerConfiguration(
            database: try Self.value("db", in: sources),
            keys: try Self.value("keys", in: sources),
            keks: try Self.keks(in: sources),
            keyJournal: try Self.value("key-journal", in: sources)
        )
        configuration.applicationName = "tallystick \(Tally.invoked)"
        if let seconds = try Self.number("connect-patience", 0...3600, in: sources) {
            configuration.connectPatience = .seconds(seconds)
        }
        if let days = try Self.number("key-backup-days", 0...28, in: sources) {
            configuration.keyBackupRetention = .seconds(days * Self.day)
        }
        if let days = try Self.number("backup-days", 0...3650, in: sources) {
            configuration.backupRetention = .seconds(days * Self.day)
        }
        if let names = sources.lazy.compactMap({ $0("never-rewind") }).first {
            configuration.neverRewind = names.split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
        return configuration
    }

    private static let day = 24 * 3600
    /// How long an opening may take before somebody who watches is told what it waits for.
    private static let silence = Duration.seconds(2)

    /// A whole number, if one is given.
    private static func number(
        _ name: String,
        _ range: ClosedRange<Int>,
        in sources: [Source]
    ) throws -> Int? {
        guard let text = sources.lazy.compactMap({ $0(name) }).first else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(
                .misconfigured,
                "\(name) is not a whole number that is allowed",
                hint: "give \(variable(name)) or \(name) in tally.yaml "
                    + "\(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    private typealias Source = (String) -> String?

    /// Flags, environment and file; an earlier one outweighs those behind it.
    private func sources() async throws -> [Source] {
        let flags = [
            "db": db, "keys": keys, "kek": kek, "kek-dir": kekDir, "key-journal": keyJournal,
            "connect-patience": connectPatience,
        ]
        let readers = try await Self.readers()
        return [{ flags[$0] ?? nil }]
            + readers.map { reader in { reader.string(forKey: ConfigKey([$0])) } }
    }

    private static func value(_ name: String, in sources: [Source]) throws -> String {
        guard let found = sources.lazy.compactMap({ $0(name) }).first else {
            throw missing(name, "set --\(name), \(variable(name)) or \(name) in tally.yaml")
        }
        return found
    }

    /// A URI, or a directory: the first source that names either decides.
    private static func keks(in sources: [Source]) throws -> KEKLocation {
        for source in sources {
            switch (source("kek"), source("kek-dir")) {
            case (nil, nil): continue
            case (let uri?, nil): return try KEKLocation(uri: uri)
            case (nil, let directory?): return .files(directory: directory)
            case (_?, _?):
                throw Problem(
                    .misconfigured,
                    "kek and kek-dir are both given, and a ledger's KEKs are in one place",
                    hint: "keep the one where they were made, and remove the other"
                )
            }
        }
        throw missing(
            "kek",
            "set --kek, TALLY_KEK or kek in tally.yaml to a URI, or --kek-dir, TALLY_KEK_DIR or "
                + "kek-dir to a directory"
        )
    }

    private static func missing(_ name: String, _ hint: String) -> Problem {
        Problem(
            .misconfigured,
            "\(name) is not given",
            hint: "\(hint); or try: tally dev -- tally status"
        )
    }

    private static func variable(_ name: String) -> String {
        "TALLY_" + name.uppercased().replacing("-", with: "_")
    }

    /// Opens the ledger, runs `body` and closes it.
    func open<Value>(_ body: (Ledger) async throws -> Value) async throws -> Value {
        let configuration = try await configuration()
        let notice = Task {
            try await Task.sleep(for: Self.silence)
            let seconds = configuration.connectPatience.components.seconds
            Talk.say("waiting for PostgreSQL, up to \(seconds) s (connect-patience)")
        }
        defer { notice.cancel() }
        let ledger = try await Ledger.open(configuration)
        notice.cancel()
        do {
            let value = try await body(ledger)
            await ledger.close()
            return value
        } catch {
            await ledger.close()
            throw error
        }
    }

    private static func readers() async throws -> [ConfigReader] {
        let environment = ConfigReader(
            provider: EnvironmentVariablesProvider().prefixKeys(with: "tally")
        )
        guard let path = fileUpwards() else { return [environment] }
        do {
            let file = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
            return [environment, ConfigReader(provider: file)]
        } catch {
            throw Problem(
                .misconfigured,
                "\(path) cannot be read as YAML",
                hint: "it holds lines such as: db: postgresql:///ledger"
            )
        }
    }

    private static func fileUpwards() -> String? {
        var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        while true {
            let path = folder.appendingPathComponent("tally.yaml").path
            if FileManager.default.fileExists(atPath: path) { return path }
            guard folder.path != "/" else { return nil }
            folder.deleteLastPathComponent()
        }
    }
}
