// Absurd values in every column of every table of both databases, and the commands that read them:
// each ends with a result, a finding or an error with a documented exit code, never by a signal,
// and soon. A sample at random is part of every run; `make sweep` tries all.

import Foundation
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct AbsurdRowTests {
    private static let isWhole = ProcessInfo.processInfo.environment["TALLY_SWEEP"] == "all"
    /// How many values of how many columns, and how many commands beside each, a run without
    /// `make sweep` tries.
    private static let (values, commands) = (16, 5)

    @Test func noStoredRowCrashesACommand() async throws {
        try Self.prepare()
        try StoredColumn.dropBounds()
        let seed = UInt64.random(in: 0..<1_000_000)
        print("absurd rows: seed \(seed)")
        var random = SeededRandom(seed: seed)
        var tries = try StoredColumn.all().flatMap { column in
            column.absurd.map { (column: column, value: $0) }
        }
        #expect(tries.count > 300)
        if !Self.isWhole { tries = Array(tries.shuffled(using: &random).prefix(Self.values)) }
        for (column, value) in tries {
            let commands =
                Self.isWhole
                ? Self.all : Array(Self.all.shuffled(using: &random).prefix(Self.commands))
            try column.holding(value) {
                for (command, status) in try Self.run(commands) {
                    let what = "\(column.table).\(column.name) = \(value): tally \(command)"
                    #expect(Self.documented.contains(status), "\(what)")
                }
            }
        }
    }

    private static let documented: Set<Int32> = [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 20, 75]

    private static let all = [
        "status", "doctor", "tenant list", "tenant show one", "event list one",
        "event list one --where type:made", "event show one 1", "document list one",
        "document show one c/1", "document list one --at 1", "document show one c/1 --at 1",
        "stream list one", "time show one --at 1", "time diff one --at 1", "verify one --open",
        "verify", "projection list", "projection check documents", "projection check trail",
        "projection check contacts", "erasure list", "erasure show $(cat erasure)",
        "erasure certificate $(cat erasure)", "restore list", "restore show $(cat restore)",
        "hold list", "approval list", "operator list", "key list", "subject find customer:1",
        "subject show one customer:1", "schema check", "key rotate --dry-run",
        "restore plan one --at 1", "append one c/9 t --data {}",
    ]

    /// Runs commands, 60 seconds each at most, and gives their exit codes; that of the shell for a
    /// signal.
    private static func run(_ commands: [String]) throws -> [(String, Int32)] {
        let lines = commands.map { "timeout 60 $TALLY \($0) >/dev/null 2>&1 </dev/null; echo $?" }
        let script = "cd \(folder)\nulimit -c 0\n\(lines.joined(separator: "\n"))"
        let codes = try TallyProcess.shell(script).output.split(separator: "\n").map {
            Int32($0) ?? -1
        }
        try #require(codes.count == commands.count)
        return Array(zip(commands, codes))
    }

    private static let folder = NSTemporaryDirectory() + "tally-sweep-\(UUID().uuidString)"

    /// A tenant of which every table has rows: erased, restored, rotated.
    private static func prepare() throws {
        let made = try TallyProcess.shell(
            #"""
            set -e; umask 077; mkdir -p \#(folder); cd \#(folder)
            for o in a b; do
                openssl genpkey -algorithm ed25519 -out $o.pem
                openssl pkey -in $o.pem -pubout -out $o.pub
                $TALLY operator add --public-key $o.pub
            done
            $TALLY tenant create one
            $TALLY append one c/1 made --data '{"a":1}' --personal 'customer:1={"name":"x"}'
            $TALLY append one c/2 made --data '{"a":2}' --personal 'customer:2={"name":"y"}'
            $TALLY append one c/1 changed --operation patch --data '{"a":3}'
            printf 'tables:\n  contacts:\n    collection: c\n    columns:\n' >t.yaml
            printf '      name: {from: $.personal.*.name, subject: "customer:*"}\n' >>t.yaml
            $TALLY projection declare t.yaml
            $TALLY projection rebuild documents
            $TALLY projection rebuild trail
            $TALLY erasure request one customer:1 --ground art17-1-b --operator-key a.pem -o id |
                grep -oE '^[0-9a-f]{32}$' >erasure
            $TALLY erasure approve $(cat erasure) --operator-key b.pem
            $TALLY erasure run $(cat erasure) --yes
            $TALLY restore plan one --at 2 --operator-key a.pem -o id |
                grep -oE '^[0-9a-f]{32}$' >restore
            $TALLY key rotate
            """#
        )
        try #require(made.status == 0, "\(made.errors)")
    }
}
