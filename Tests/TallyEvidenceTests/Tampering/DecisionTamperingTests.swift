// Events of the ledger's own kinds, written by somebody who may write them in an intact chain, and
// that nobody decided.

import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.serialized, .specimen)
struct DecisionTamperingTests {
    private static func append(_ kind: Int, _ json: String) -> String {
        "SELECT tally.append_clear(:acme, \(kind), '\(json)');"
    }

    @Test("a destruction that nobody decided is found, also where it excuses a part")
    func forgedExcuse() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                """
                UPDATE tally.event SET body = '\\x00000000'
                WHERE slot = :acme AND position = 1;
                """ + Self.append(2, #"{"erasure":"0a","keys":[]}"#)
                    + Self.append(7, #"{"destroyed":[60],"parts":[[1,0]]}"#)
            )
            let verdict = try await specimen.verify(specimen.acme)
            #expect(verdict.named == [Named(.undecided, 60), Named(.undecided, 61)])
            #expect(verdict.checks.first { $0.name == .bodies }?.note == "1 parts purged")
        }
    }

    @Test(
        "an event without the signatures that it needs is found",
        arguments: [
            (8, #"{"hold":"ID","review_at":1}"#), (9, #"{"hold":"ID","request":"ID"}"#),
            (11, #"{"erasure":"ID","keys":1,"state":"fenced"}"#),
            (
                11,
                #"{"approvals":[],"erasure":"ID","ground":"x","plan":"PLAN","state":"requested"}"#
            ),
            (11, #"{"approvals":[],"erasure":"ID","state":"approved"}"#),
            (12, #"{"erasure":"ID","request":"ID"}"#),
            (15, #"{"action":"approve","approvals":[],"operator":"ID","target":"ID"}"#),
            (
                15,
                #"{"action":"addOperator","operator":"ID","public_key":"PLAN","request":"ID","#
                    + #""target":"ID"}"#
            ),
            (15, #"{"action":"endOperator","operator":"ID","request":"ID","target":"ID"}"#),
        ]
    )
    func unsigned(kind: Int, json: String) async throws {
        try await Specimen.with { specimen in
            let id = String(repeating: "0a", count: 16)
            let filled = json.replacing("ID", with: id).replacing("PLAN", with: id + id)
            try specimen.run(Self.append(kind, filled))
            #expect(try await specimen.verify(specimen.acme).named == [Named(.undecided, 60)])
        }
    }
}
