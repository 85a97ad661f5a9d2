// Scripts for shells: each shell can read its own, and names are asked for.

import Foundation
import TallyTesting
import Testing

@Suite(.database)
struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"])
    func aScriptCompletesCommandsFlagsAndNames(shell: String) throws {
        let script = try TallyProcess.run(["completion", shell])
        #expect(script.status == 0 && script.errors.isEmpty)
        for word in ["erasure", "allow-missing", "reverse", "completion"] {
            #expect(script.output.contains(word), "\(word)")
        }
        #expect(script.output.contains("tally tenant list --limit 10000 -o id"))
        #expect(script.output.contains("tally projection list --limit 10000 -o id"))
    }

    @Test func bashReadsItsScript() throws {
        let script = try TallyProcess.run(["completion", "bash"]).output
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(script.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let bash = Process()
        bash.executableURL = URL(fileURLWithPath: "/bin/bash")
        bash.arguments = ["-n", file.path]
        try bash.run()
        bash.waitUntilExit()
        #expect(bash.terminationStatus == 0)
    }

    @Test func anotherShellIsRefused() throws {
        let refused = try TallyProcess.run(["completion", "csh"])
        #expect(refused.status == 64 && refused.output.isEmpty)
    }
}
