// A crash of the command, as a fault in a C library would cause it: memory of a process that holds
// keys must not reach a terminal or a log.

import Foundation
import TallyTesting
import Testing

/// What is left of a process that crashed.
@Suite struct CrashTests {
    @Test(
        "a crash prints no memory, even where Swift's backtracer is asked for",
        .database,
        arguments: [SIGSEGV, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGTRAP]
    )
    func printsNothing(_ number: Int32) throws {
        let tenant = try TallyProcess.run(["tenant", "create", "acme"])
        #expect(tenant.status == 0, "\(tenant.errors)")
        let (output, errors) = (Pipe(), Pipe())
        let process = try TallyProcess.start(
            ["tail", "acme", "--after", "-1", "-o", "id"],
            environment: ["SWIFT_BACKTRACE": "enable=yes,color=no"],
            output: output,
            errors: errors
        )
        // The first event is there, so the process has begun its work.
        #expect(try output.fileHandleForReading.read(upToCount: 1) == Data("0".utf8))
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == number)
        #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
    }
}
