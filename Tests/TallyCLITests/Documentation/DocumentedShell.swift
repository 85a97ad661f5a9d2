// One shell for a page: what a command leaves behind, a folder or a variable, is there for the next
// one.

import Foundation

/// A shell that is given a command at a time.
final class DocumentedShell {
    private static let mark = "@@documented@@"
    /// How long a command may take; one that waits for an answer ends the shell.
    private static let patience = DispatchTimeInterval.seconds(120)

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffered = Data()

    /// Starts it in a folder, with the current test's ledger and `tally` on its path.
    init(folder: URL) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["--norc", "--noprofile"]
        process.currentDirectoryURL = folder
        var environment = try TallyProcess.ledgerEnvironment()
        let tools = try TallyProcess.executable().deletingLastPathComponent().path
        environment["PATH"] = "\(tools):/usr/local/bin:/usr/bin:/bin"
        environment["HOME"] = folder.path
        process.environment = environment
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Runs a command to its end; gives the lines it printed, and its exit status.
    ///
    /// What is typed next goes to a shell that the command starts, and to no other command.
    func run(_ command: String) throws -> (lines: [String], status: Int32) {
        let watch = DispatchWorkItem { [process] in kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience, execute: watch)
        defer { watch.cancel() }
        let isShell = command.hasPrefix("tally dev -- ") || command.hasPrefix("exit")
        let text = isShell ? command : "{ \(command)\n} </dev/null"
        let line = "\(text)\nprintf '%s %s\\n' '\(Self.mark)' \"$?\"\n"
        try input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
        var lines: [String] = []
        while true {
            let line = try nextLine()
            // What a command printed last may lack its line break.
            guard let end = line.range(of: Self.mark) else {
                lines.append(line)
                continue
            }
            if end.lowerBound != line.startIndex { lines.append(String(line[..<end.lowerBound])) }
            return (lines, Int32(line[end.upperBound...].dropFirst()) ?? -1)
        }
    }

    private func nextLine() throws -> String {
        while true {
            if let end = buffered.firstIndex(of: 10) {
                let line = String(decoding: buffered[buffered.startIndex..<end], as: UTF8.self)
                buffered = Data(buffered[(end + 1)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
            buffered += more
        }
    }
}
