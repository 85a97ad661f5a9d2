// Runs python3, which brings the demo both a downloader (pip) and an unpacker (zipfile).
// Output goes to a file: nothing is printed, and no pipe can fill up and block the tool.

internal import Foundation

/// A finished run of python3.
struct ToolRun: Sendable {
    private static let timeout = Duration.seconds(60)
    private static let pause = Duration.milliseconds(20)
    /// The exit status by which `env` says that there is no such command.
    private static let notFound: Int32 = 127

    /// The exit status; 0 stands for success.
    let status: Int32
    /// What the tool wrote to both outputs.
    let output: String

    /// The line that says what went wrong.
    var complaint: String {
        let lines = output.split(whereSeparator: \.isNewline)
        let error = lines.last { $0.hasPrefix("ERROR: ") }?.dropFirst("ERROR: ".count)
        return (error ?? lines.last).map(String.init) ?? "exit status \(status)"
    }

    /// Runs python3 to its end.
    ///
    /// - Parameters:
    ///   - arguments: what follows `python3`.
    ///   - tool: the name that errors show.
    ///   - folder: where the output is kept while the tool runs.
    /// - Returns: the status and the output, also of a run that failed.
    /// - Throws: `noPython`, `timedOut` or `cancelled`; the tool no longer runs then.
    static func python(
        _ arguments: [String],
        tool: String,
        folder: URL
    ) async throws(DemoError) -> ToolRun {
        let log = folder.appending(path: "\(UUID().uuidString).log")
        let process = try start(arguments, log: log)
        try await finish(process, tool: tool)
        let status = process.terminationStatus
        guard status != notFound else { throw .noPython }
        let output = FileManager.default.contents(atPath: log.path) ?? Data()
        return ToolRun(status: status, output: String(decoding: output, as: UTF8.self))
    }

    private static func start(_ arguments: [String], log: URL) throws(DemoError) -> Process {
        let process = Process()
        do {
            try Data().write(to: log)
            let output = try FileHandle(forWritingTo: log)
            defer { try? output.close() }
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["python3"] + arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = output
            try process.run()
        } catch {
            throw .toolFailed(tool: "python3", reason: error.localizedDescription)
        }
        return process
    }

    /// Waits for the process; kills it when it takes too long or nobody waits any more.
    private static func finish(_ process: Process, tool: String) async throws(DemoError) {
        let deadline = ContinuousClock.now + timeout
        while process.isRunning {
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                // Not SIGTERM, which a child of a server that ignores it ignores too.
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                throw Task.isCancelled
                    ? .cancelled
                    : .timedOut(tool: tool, seconds: Int(timeout.components.seconds))
            }
            try? await Task.sleep(for: pause)
        }
    }
}
