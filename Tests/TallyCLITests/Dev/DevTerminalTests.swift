// tally dev in a terminal: a shell under a shell, with Ctrl-C and Ctrl-Z where they belong.

import Foundation
import TallyTesting
import Testing

@Suite struct DevTerminalTests {
    /// Types and reads in a pseudo-terminal whose shell is bash; the words after `wait` must come.
    private static let driver = """
        import os, pty, re, select, sys, time
        pid, terminal = pty.fork()
        if pid == 0: os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        seen = b""
        def wait(word):
            global seen
            end = time.time() + 60
            while time.time() < end:
                found = re.search(word, seen)
                if found:
                    seen = seen[found.end():]
                    return found[0]
                if select.select([terminal], [], [], 0.1)[0]: seen += os.read(terminal, 4096)
            sys.exit(f"did not see {word}, but {seen}")
        def type(text): os.write(terminal, text.encode())
        type("PS1='outer''> '\\n"); wait(b"outer> ")
        type("tally dev --no-projections --data ledger -- bash --norc --noprofile\\n")
        wait(b"bash-[^ ]*[#$] "); type("PS1='inner''> '\\n"); wait(b"inner> ")
        type("read word; echo got-$word\\n"); type("this\\n"); wait(b"got-this"); wait(b"inner> ")
        type("sleep 60\\n"); time.sleep(1); type("\\x03"); wait(b"inner> ")
        type("sleep 61\\n"); time.sleep(1); type("\\x1a"); wait(b"Stopped.*sleep 61")
        wait(b"inner> ")
        type("kill %1; tally status -o id | wc -c\\n"); wait(b"33\\r"); wait(b"inner> ")
        type("exit 7\\n"); wait(b"outer> "); type("echo code-$?\\n"); wait(b"code-7")
        wait(b"outer> ")
        type("tally dev --no-projections --data ledger -- cat\\n")
        time.sleep(1); type("one\\n"); wait(b"one\\r\\none"); type("\\x1a")
        wait(b"Stopped.*tally dev")
        wait(b"outer> "); type("fg\\n"); wait(b"tally dev"); type("two\\n"); wait(b"two\\r\\ntwo")
        # In the background cat asks for the terminal and is stopped, sooner or later than fg comes.
        for pause in range(12):
            type("\\x1a"); wait(b"Stopped"); wait(b"outer> ")
            type(f"bg; sleep 0.0{pause:02}; fg\\n"); wait(b"dev.*&\\r\\n"); wait(b"tally dev")
            word = f"three-{pause}"
            said = f"{word}\\r\\n(tally.*\\n)?{word}|Stopped".encode()
            type(f"{word}\\n")
            # The kernel may have decided to stop what asks from the background before fg came, and
            # do it afterwards: then fg is needed once more.
            for _ in range(3):
                if wait(said) != b"Stopped": break
                wait(b"outer> "); type("fg\\n"); wait(b"tally dev"); type(f"{word}\\n")
        type("\\x03"); wait(b"outer> "); type("echo code-$?\\n"); wait(b"code-130")
        type("exit\\n"); os.waitpid(pid, 0)
        """

    @Test func aShellUnderAShellHasTheTerminalWhileItRuns() throws {
        let folder = try DevFolder()
        let tools = try TallyProcess.executable().deletingLastPathComponent().path
        let process = Process()
        let complaint = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", Self.driver]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = folder.environment.merging(["PATH": "\(tools):/usr/bin:/bin"]) { $1 }
        process.standardError = complaint
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let said = try complaint.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }
}
