// A body with one byte changed anywhere, or of another length, is named at its position. The
// chain does not notice: every hash and link still holds.

import TallyCore
import TallyStore
import TallyTesting
import Testing

/// Bytes of bodies, flipped, cut off, added, exchanged.
@Suite(.serialized, .specimen) struct BodyTamperingTests {
    /// An event with three personal sections, so with four parts.
    private static let event = 24
    private static let found = [Named(.alteredBody, event)]

    /// Where the parts of an event's body begin, each with its length prefix, and where it ends.
    private func parts(_ specimen: Specimen, _ position: Int) throws -> [Int] {
        let body = try specimen.bytes("body", at: position)
        var starts = [0]
        while let start = starts.last, start < body.count {
            starts.append(start + 4 + body[start..<start + 4].reduce(0) { $0 << 8 | Int($1) })
        }
        return starts
    }

    @Test("every field of every part, flipped, is found as an altered body")
    func everyField() async throws {
        try await Specimen.with { specimen in
            let starts = try parts(specimen, Self.event)
            #expect(starts.count == 5)
            for (start, end) in zip(starts, starts.dropFirst()) {
                // Length, suite, key id, nonce, ciphertext, tag.
                let fields = [0, 1, 2, 3, 4, 5, 36, 37, 48, 49].map { start + $0 } + [end - 1]
                for byte in fields {
                    try await specimen.tamper(
                        "SELECT forge.flip_body(:acme, \(Self.event), \(byte))",
                        finds: Self.found,
                        short: ["bodies": 1]
                    )
                }
            }
        }
    }

    @Test("with the keys an altered body is found once, and no more is said of its columns")
    func opened() async throws {
        try await Specimen.with { specimen in
            for byte in [0, 4, 5, 40, 60] {
                try specimen.run("SELECT forge.flip_body(:acme, \(Self.event), \(byte))")
                let verdict = try await specimen.verify(specimen.acme, opening: true)
                #expect(verdict.named == Self.found)
                #expect((56...57).contains(verdict.passed["columns"] ?? 0))
                try specimen.restore()
            }
        }
    }

    @Test("a byte of the ledger's own events, flipped, is found as an altered body")
    func clearParts() async throws {
        try await Specimen.with { specimen in
            for position in [0, 54, 55] {
                for byte in [0, 3, 4, 5, 20] {
                    try await specimen.tamper(
                        "SELECT forge.flip_body(:acme, \(position), \(byte))",
                        finds: [Named(.alteredBody, position)] + Self.thaw(without: position),
                        short: ["bodies": 1]
                    )
                }
            }
        }
    }

    @Test("a body of another length is found as an altered body")
    func lengths() async throws {
        try await Specimen.with { specimen in
            for change in [
                "substr(body, 1, octet_length(body) - 1)", #"body || '\x00'"#,
                #"body || '\x00000000'"#, "substr(body, 1, 3)", "substr(body, 5)", #"'\x'"#,
                #"'\xffffffff' || substr(body, 5)"#, #"'\x7fffffff' || substr(body, 5)"#,
            ] {
                try await specimen.tamper(
                    """
                    UPDATE tally.event SET body = \(change)
                    WHERE slot = :acme AND position = \(Self.event)
                    """,
                    finds: Self.found,
                    short: ["bodies": 1]
                )
            }
        }
    }

    @Test("a part that was emptied is found as a missing body")
    func emptied() async throws {
        try await Specimen.with { specimen in
            let starts = try parts(specimen, Self.event)
            for (start, end) in zip(starts, starts.dropFirst()) {
                try await specimen.tamper(
                    """
                    UPDATE tally.event SET body = substr(body, 1, \(start)) || '\\x00000000'
                        || substr(body, \(end + 1))
                    WHERE slot = :acme AND position = \(Self.event)
                    """,
                    finds: [Named(.missingBody, Self.event)],
                    short: ["bodies": 1]
                )
            }
            for position in [0, 54] {
                try await specimen.tamper(
                    """
                    UPDATE tally.event SET body = '\\x00000000'
                    WHERE slot = :acme AND position = \(position)
                    """,
                    finds: [Named(.missingBody, position)] + Self.thaw(without: position),
                    short: ["bodies": 1]
                )
            }
        }
    }

    /// Where nobody can read that the tenant was frozen, nobody decided to thaw it.
    private static func thaw(without position: Int) -> [Named] {
        position == 54 ? [Named(.undecided, 55)] : []
    }

    @Test("a missing part that no later event excuses is found, whatever the events say")
    func badExcuses() async throws {
        try await Specimen.with { specimen in
            for parts in ["[[1,1]]", "[[2,0]]", "[[60,0]]", "[[1,0,0],[1],1]", "{}", "[[-1,0]]"] {
                try specimen.run(
                    """
                    UPDATE tally.event SET body = '\\x00000000'
                    WHERE slot = :acme AND position = 1;
                    SELECT tally.append_clear(:acme, 7, '{"destroyed":[],"parts":\(parts)}')
                    """
                )
                let verdict = try await specimen.verify(specimen.acme)
                #expect(
                    verdict.named == [Named(.missingBody, 1), Named(.undecided, 60)],
                    "\(parts)"
                )
                #expect(verdict.passed["bodies"] == 60)
                try specimen.restore()
            }
        }
    }

    @Test("a body that was copied from another event is found as altered, part by part")
    func copied() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                """
                UPDATE tally.event e SET body = s.body FROM tally.event s
                WHERE s.slot = e.slot AND s.position = 28
                    AND e.slot = :acme AND e.position = \(Self.event)
                """,
                finds: Array(repeating: Named(.alteredBody, 24), count: 4),
                short: ["bodies": 1]
            )
            try await specimen.tamper(
                """
                UPDATE tally.event e SET body = s.body FROM tally.event s
                WHERE s.slot = e.slot AND e.slot = :acme
                    AND (e.position, s.position) IN ((24, 28), (28, 24))
                """,
                finds: [24, 24, 24, 24, 28, 28, 28, 28].map { Named(.alteredBody, $0) },
                short: ["bodies": 2]
            )
        }
    }

    @Test("parts in another order are found as an altered body")
    func reordered() async throws {
        try await Specimen.with { specimen in
            let starts = try parts(specimen, Self.event)
            let (second, third, fourth) = (starts[1], starts[2], starts[3])
            try await specimen.tamper(
                """
                UPDATE tally.event SET body = substr(body, 1, \(second))
                    || substr(body, \(third + 1), \(fourth - third))
                    || substr(body, \(second + 1), \(third - second))
                    || substr(body, \(fourth + 1))
                WHERE slot = :acme AND position = \(Self.event)
                """,
                finds: Self.found + Self.found,
                short: ["bodies": 1]
            )
        }
    }
}
