// A read that fails is not the end of input, what is too long is not cut, and what is not UTF-8 is
// not repaired.

import Foundation
import TallyCore
import TallyTesting
import Testing

@Suite(.database)
struct InputTests {
    private static func line(_ stream: String) -> String {
        #"{"stream":"\#(stream)","type":"t","data":1}"# + "\n"
    }

    private func streams() throws -> String {
        try TallyProcess.run(["stream", "list", "one", "-o", "id"]).output
            .split(separator: "\n").sorted().joined(separator: " ")
    }

    @Test func aPipeThatPausesIsReadToItsEnd() throws {
        _ = try TallyProcess.run(["tenant", "create", "one"])
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        let (reader, writer) = (
            FileHandle(fileDescriptor: ends[0]), FileHandle(fileDescriptor: ends[1])
        )
        let process = try TallyProcess.start(["append", "one"], input: reader)
        try writer.write(contentsOf: Data(Self.line("a").utf8))
        // What is there is stored before more comes.
        let clock = ContinuousClock.now
        while try streams() != "a" {
            try #require(ContinuousClock.now - clock < .seconds(60), "the first line is stored")
        }
        try writer.write(contentsOf: Data(Self.line("b").dropLast().utf8))
        try writer.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try streams() == "a b")
    }

    @Test(arguments: ["</", "</proc/self/mem", "<&-"])
    func inputThatCannotBeReadIsAnError(redirection: String) throws {
        _ = try TallyProcess.run(["tenant", "create", "one"])
        let ended = try TallyProcess.shell("\"$TALLY\" append one \(redirection)")
        #expect(ended.status == 1)
        #expect(ended.errors.contains("standard input cannot be read: "))
        #expect(ended.errors.contains("up to line 0 0 events are stored"))
        let data = try TallyProcess.shell("\"$TALLY\" append one s t --data - \(redirection)")
        #expect(data.status == 1)
        #expect(try streams().isEmpty)
    }

    /// A socket whose peer has gone without reading what was sent to it gives what it holds, and
    /// then an error.
    @Test func whatCameBeforeAFailureIsStoredAndTold() throws {
        _ = try TallyProcess.run(["tenant", "create", "one"])
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (side, peer) = (
            FileHandle(fileDescriptor: ends[0]), FileHandle(fileDescriptor: ends[1])
        )
        try side.write(contentsOf: Data("unread".utf8))
        try peer.write(contentsOf: Data((Self.line("a") + "\n" + Self.line("b") + "{").utf8))
        try peer.close()
        let ended = try TallyProcess.run(["append", "one"], from: side)
        #expect(ended.status == 1)
        #expect(ended.errors.contains("standard input cannot be read: Connection reset by peer"))
        #expect(ended.errors.contains("up to line 3 2 events are stored"))
        #expect(try streams() == "a b")
    }

    @Test func aLineThatIsTooLongIsRefusedByItsNumberAndCanBePassed() throws {
        _ = try TallyProcess.run(["tenant", "create", "one"])
        let long = #"{"stream":"l","type":"t","data":""# + String(repeating: "x", count: 16 << 20)
        let input = Self.line("a") + long + "\"}\n" + Self.line("b")
        let ended = try TallyProcess.run(["append", "one"], input: input)
        #expect(ended.status == 1)
        #expect(ended.errors.contains("line 2: a line of more than 16777216 bytes"))
        #expect(try streams() == "a")
        let passed = try TallyProcess.run(["append", "one", "--keep-going"], input: input)
        #expect(passed.errors.contains("2/3 ok, 1 refused"))
        #expect(try streams() == "a b")
        let unended = try TallyProcess.run(
            ["append", "one"],
            input: long + String(repeating: "x", count: 9)
        )
        #expect(unended.errors.contains("line 1: a line of more than"))
    }

    @Test func dataBeyondItsBoundIsRefusedAndNotCut() throws {
        _ = try TallyProcess.run(["tenant", "create", "one"])
        let space = String(repeating: " ", count: 16 << 20)
        for input in ["1" + space, "1" + space + "2"] {
            let ended = try TallyProcess.run(
                ["append", "one", "s", "t", "--data", "-"],
                input: input
            )
            #expect(ended.status == 1)
            #expect(ended.errors.contains("more than 16777216 bytes"))
        }
        for path in ["/nowhere", "/", "/proc/self/mem"] {
            for words in [["--data", "@\(path)"], ["--data", "1", "--personal", "p=@\(path)"]] {
                let ended = try TallyProcess.run(["append", "one", "s", "t"] + words)
                #expect(ended.status == (path == "/nowhere" ? 5 : 1))
                #expect(ended.errors.contains("\(path) cannot be read: "))
            }
        }
        #expect(try streams().isEmpty)
    }

    @Test func linesOfTheLargestSizeAreHeldOneAtATime() throws {
        _ = try TallyProcess.run(["tenant", "create", "one"])
        let script = """
            import os, subprocess, sys
            child = subprocess.Popen([sys.argv[1], "append", "one"], stdin=subprocess.PIPE)
            for number in range(12):
                data = os.urandom(7 << 20).hex()
                line = \'{"stream":"s/%d","type":"t","data":"%s"}\\n\' % (number, data)
                child.stdin.write(line.encode())
            child.stdin.close()
            _, status, usage = os.wait4(child.pid, 0)
            print(usage.ru_maxrss)
            sys.exit(os.waitstatus_to_exitcode(status))
            """
        let file = NSTemporaryDirectory() + UUID().uuidString
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let ended = try TallyProcess.shell("python3 '\(file)' \"$TALLY\"")
        #expect(ended.status == 0)
        #expect(ended.errors.contains("12/12 ok"))
        let kilobytes = try #require(Int(ended.output.filter(\.isNumber)))
        print("append of 12 lines of 14 MiB: \(kilobytes / 1024) MiB")
        #expect(kilobytes < 400 << 10)
    }

    private static let notUTF8: [(script: String, said: String)] = [
        (#""$TALLY" append one "$(printf 'caf\351/1')" t --data 1"#, "argument 3 is not UTF-8"),
        (#""$TALLY" append one s t --data "$(printf '"caf\351"')""#, "argument 6 is not UTF-8"),
        (#""$TALLY" tenant create "$(printf 'caf\351')""#, "argument 3 is not UTF-8"),
        (#""$TALLY" event list one --stream "$(printf '\300\257')""#, "argument 5 is not UTF-8"),
        (#""$TALLY" version "$(printf '\355\240\200')""#, "argument 2 is not UTF-8"),
        (#"TALLY_NEVER_REWIND="$(printf '\351')" "$TALLY" version"#, "TALLY_NEVER_REWIND"),
    ]

    @Test(arguments: notUTF8.indices)
    func whatIsNotUTF8OnTheCommandLineIsRefused(index: Int) throws {
        let (script, said) = Self.notUTF8[index]
        let ended = try TallyProcess.shell(script)
        #expect(ended.status == 64)
        #expect(ended.errors.contains(said))
        #expect(ended.output.isEmpty)
    }

    @Test func whatIsNotUTF8InALineIsRefusedByItsNumber() throws {
        _ = try TallyProcess.run(["tenant", "create", "one"])
        let ended = try TallyProcess.shell(
            #"printf '{"stream":"a","type":"t","data":1}\n"#
                + #"{"stream":"caf\351","type":"t","data":1}\n'"#
                + #" | "$TALLY" append one"#
        )
        #expect(ended.status == 1)
        #expect(ended.errors.contains("line 2: "))
        #expect(ended.errors.contains("1 event is stored"))
        #expect(try streams() == "a")
    }
}
