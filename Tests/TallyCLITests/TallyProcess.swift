// Runs the built `tally` as a user would: arguments, environment, standard input, exit code.

import Foundation
import TallyCore
import TallyTesting
import Tallystick

/// A finished run of the command.
struct TallyProcess {
    let status: Int32
    let output: String
    let errors: String

    /// Runs `tally` on the current test's ledger and waits for its end.
    ///
    /// With `offset` the process believes in another time, by the words of `faketime -f`.
    static func run(
        _ arguments: [String],
        input: String = "",
        environment: [String: String]? = nil,
        offset: String? = nil
    ) throws -> TallyProcess {
        let process = Process()
        let tally = try executable()
        process.executableURL = offset == nil ? tally : URL(fileURLWithPath: "/usr/bin/faketime")
        process.arguments = (offset.map { ["-f", $0, tally.path] } ?? []) + arguments
        process.environment = try environment ?? ledgerEnvironment()
        let files = try Streams(input: input)
        return try finish(process, files, files.input)
    }

    /// Starts `tally` on the current test's ledger and does not wait; what it says is thrown away
    /// unless it is given somewhere to go.
    static func start(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: Any = FileHandle.nullDevice,
        output: Any = FileHandle.nullDevice,
        errors: Any = FileHandle.nullDevice
    ) throws -> Process {
        let process = Process()
        process.executableURL = try executable()
        process.arguments = arguments
        process.environment = try ledgerEnvironment().merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return process
    }

    /// The output as JSON lines.
    func lines() throws -> [JSONObject] {
        try output.split(separator: "\n").compactMap {
            try JSONReader.parse(Array($0.utf8)).objectValue
        }
    }

    /// The cursor that a list in JSON gave on stderr.
    func cursor() throws -> String? {
        for line in errors.split(separator: "\n") where line.hasPrefix("{\"more\"") {
            let more = try JSONReader.parse(Array(line.utf8)).objectValue?["more"]?.objectValue
            return more?["after"]?.stringValue
        }
        return nil
    }

    /// Runs `tally` on the current test's ledger, its input an open file, pipe or socket.
    static func run(_ arguments: [String], from input: FileHandle) throws -> TallyProcess {
        let process = Process()
        process.executableURL = try executable()
        process.arguments = arguments
        process.environment = try ledgerEnvironment()
        return try finish(process, Streams(input: ""), input)
    }

    /// Runs a script of the shell in which `$TALLY` is the command: for bytes and descriptors that
    /// no `Process` gives.
    static func shell(
        _ script: String,
        on ledger: LedgerConfiguration? = nil
    ) throws -> TallyProcess {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.environment = try environment(of: ledger ?? TestLedger.current.configuration)
            .merging(["TALLY": executable().path]) { $1 }
        let files = try Streams(input: "")
        return try finish(process, files, files.input)
    }

    private static func finish(
        _ process: Process,
        _ files: Streams,
        _ input: FileHandle
    ) throws -> TallyProcess {
        process.standardInput = input
        process.standardOutput = files.output
        process.standardError = files.errors
        try process.run()
        process.waitUntilExit()
        return TallyProcess(
            status: process.terminationStatus,
            output: try files.text(files.output),
            errors: try files.text(files.errors)
        )
    }

    static func ledgerEnvironment() throws -> [String: String] {
        environment(of: try TestLedger.current.configuration)
    }

    private static func environment(of configuration: LedgerConfiguration) -> [String: String] {
        [
            "TALLY_DB": configuration.database, "TALLY_KEYS": configuration.keys,
            "TALLY_KEK_DIR": configuration.kekDirectory,
            "TALLY_KEY_JOURNAL": configuration.keyJournal, "PATH": "/usr/bin:/bin",
        ]
    }

    /// The one that the environment names, as the tests of the optimised build do; else the
    /// products lie beside the test bundle.
    static func executable() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["TALLY_EXECUTABLE"] {
            return URL(fileURLWithPath: path)
        }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        for folder in sequence(first: bundle, next: { $0.deletingLastPathComponent() }).prefix(6) {
            let candidate = folder.appendingPathComponent("tally")
            if FileManager.default.isExecutableFile(atPath: candidate.path),
                (try? candidate.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory != true
            {
                return candidate
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }
}

/// Files rather than pipes: nobody has to read them while the command runs.
private struct Streams {
    let input: FileHandle
    let output: FileHandle
    let errors: FileHandle

    init(input text: String) throws {
        input = try Self.file(text)
        output = try Self.file("")
        errors = try Self.file("")
    }

    func text(_ file: FileHandle) throws -> String {
        try file.seek(toOffset: 0)
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    /// A file that is open and has no name any more.
    private static func file(_ text: String) throws -> FileHandle {
        let path = NSTemporaryDirectory() + UUID().uuidString
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(atPath: path)
        return handle
    }
}
