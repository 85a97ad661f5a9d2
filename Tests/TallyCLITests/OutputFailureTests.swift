// Outputs that fail: a full disk, a closed descriptor, a reader that has gone. One line and an exit
// code say so, and no work depends on it.

import Foundation
import TallyCore
import TallyTesting
import Testing

@Suite(.database)
struct OutputFailureTests {
    /// Runs a script of bash on the current test's ledger, with `tally` on its path.
    private func bash(_ script: String) throws -> (status: Int32, output: String) {
        let process = Process()
        let output = Pipe()
        let tools = try TallyProcess.executable().deletingLastPathComponent().path
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.environment = try TallyProcess.ledgerEnvironment()
            .merging(["PATH": "\(tools):/usr/bin:/bin"]) { $1 }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }

    @Test(arguments: [
        ("tenant list", ">/dev/full", "No space left on device"),
        ("tenant list -o json", ">&-", "Bad file descriptor"), ("--help", ">/dev/full", "No space"),
        ("version", ">&-", "Bad file descriptor"), ("tenant list", ">&- <&-", "Bad file"),
    ])
    func anOutputThatCannotBeWrittenIsNamedInOneLine(
        words: String,
        place: String,
        reason: String
    ) throws {
        let (status, said) = try bash("tally \(words) 2>&1 \(place)")
        #expect(status == 74)
        #expect(said.hasPrefix("error: standard output cannot be written: \(reason)"))
        #expect(said.split(separator: "\n").count == 1)
    }

    @Test func aReaderThatHasGoneEndsACommandQuietly() throws {
        #expect(try bash("tally tenant create acme").status == 0)
        let (_, said) = try bash(
            """
            said=$(mktemp); trap 'rm "$said"' EXIT
            tally tail acme --after -1 2>"$said" | head -n 1 >/dev/null
            echo "codes ${PIPESTATUS[*]}"; cat "$said"
            """
        )
        #expect(said == "codes 141 0\n")
    }

    @Test(arguments: ["2>&-", "2>/dev/full", ">&-", ">/dev/full", ">&- 2>&-", "2> >(:)"])
    func workGoesOnWhoeverListens(place: String) throws {
        #expect(try bash("tally tenant create acme").status == 0)
        let lines =
            "for i in {1..700}; do echo '{\"stream\":\"s\",\"type\":\"t\",\"data\":1}'; done"
        let appended = try bash("\(lines) | tally append acme -o id --progress json \(place)")
        #expect([74, 141].contains(appended.status))
        let shown = try bash("tally tenant show acme -o json")
        #expect(shown.output.contains(#""events":701,"#))
        let rotated = try bash("tally key rotate \(place)")
        #expect([0, 74, 141].contains(rotated.status))
        #expect(try bash("tally status -o json").output.contains(#""key_epoch":2"#))
    }

    @Test func anErasureIsCarriedOutAlthoughNobodyHearsOfIt() throws {
        let setup = try bash(
            """
            cd "$(mktemp -d)" && umask 077
            for o in a b; do
                openssl genpkey -algorithm ed25519 -out $o.pem
                openssl pkey -in $o.pem -pubout -out $o.pub
                tally operator add --public-key $o.pub >/dev/null
            done
            tally tenant create one >/dev/null
            tally append one c/1 t --data 1 --personal 'customer:1={"name":"x"}' >/dev/null
            tally erasure request one customer:1 --ground art17-1-b --operator-key a.pem >said
            request=$(tally approval list -o id)
            tally erasure approve $request --operator-key b.pem >/dev/null
            tally erasure run $request --yes >&- 2>&-; echo "code $?"
            tally erasure show $request -o json
            """
        )
        #expect(setup.output.contains("code 74\n"))
        #expect(setup.output.contains("purged"), "\(setup.output)")
    }
}
