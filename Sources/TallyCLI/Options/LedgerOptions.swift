// Where the ledger is: flags, then environment, then the nearest tally.yaml.

internal import ArgumentParser
internal import Configuration
internal import Foundation
internal import SystemPackage
internal import Tallystick

/// The four places of a ledger.
struct LedgerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The ledger's database, a libpq URI.", valueName: "uri"))
    var db: String?

    @Option(help: ArgumentHelp("The key store's database, a libpq URI.", valueName: "uri"))
    var keys: String?

    @Option(help: ArgumentHelp("The directory of KEK files.", valueName: "dir"))
    var kekDir: String?

    @Option(help: ArgumentHelp("The directory of the key journal.", valueName: "dir"))
    var keyJournal: String?

    /// The configuration that flags, environment and file make together.
    ///
    /// - Throws: ``Problem`` `misconfigured`, naming what is missing and how to give it.
    func configuration() async throws -> LedgerConfiguration {
        let reader = try await Self.reader()
        func value(_ flag: String?, _ name: String) throws -> String {
            if let found = flag ?? reader.string(forKey: ConfigKey([name])) { return found }
            let variable = "TALLY_" + name.uppercased().replacing("-", with: "_")
            throw Problem(
                .misconfigured,
                "\(name) is not given",
                hint: "set --\(name), \(variable) or \(name) in tally.yaml; or try: "
                    + "tally dev -- tally status"
            )
        }
        return LedgerConfiguration(
            database: try value(db, "db"),
            keys: try value(keys, "keys"),
            kekDirectory: try value(kekDir, "kek-dir"),
            keyJournal: try value(keyJournal, "key-journal")
        )
    }

    /// Opens the ledger, runs `body` and closes it.
    func open<Value>(_ body: (Ledger) async throws -> Value) async throws -> Value {
        let ledger = try await Ledger.open(configuration())
        do {
            let value = try await body(ledger)
            await ledger.close()
            return value
        } catch {
            await ledger.close()
            throw error
        }
    }

    private static func reader() async throws -> ConfigReader {
        let environment = EnvironmentVariablesProvider().prefixKeys(with: "tally")
        guard let path = fileUpwards() else { return ConfigReader(provider: environment) }
        do {
            let file = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
            return ConfigReader(providers: [environment, file])
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
