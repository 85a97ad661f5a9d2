// The head says how long a log is, what its last hash is, when it was written and whether it takes
// more. Each of these columns is held against the log, whatever number stands in it.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// Columns of a tenant's head.
@Suite(.serialized, .specimen) struct HeadTamperingTests {
    private func set(_ columns: String) -> String {
        "UPDATE tally.head SET \(columns) WHERE slot = :acme"
    }

    @Test("a changed size is found, and the log counts as it is")
    func size() async throws {
        try await Specimen.with { specimen in
            for size in [59, 61, 1_000_000_000_000, Int.max, 1, 0, -1, Int.min] {
                try await specimen.tamper(
                    set("size = \(size)"),
                    finds: [Named(.alteredHead, 59)],
                    short: ["head": 1]
                )
            }
        }
    }

    @Test("a changed last hash is found as a doubt between head and last event")
    func hash() async throws {
        try await Specimen.with { specimen in
            for hash in [
                "forge.flip(last_leaf_hash, 0)", "forge.flip(last_leaf_hash, 31, 1)",
                "substr(last_leaf_hash, 1, 31)", #"'\x'"#, #"last_leaf_hash || '\x00'"#,
            ] {
                try await specimen.tamper(
                    set("last_leaf_hash = \(hash)"),
                    finds: [Named(.alteredHead, 59)],
                    short: ["hashes": 1, "head": 1]
                )
            }
        }
    }

    @Test("a changed time is found")
    func time() async throws {
        try await Specimen.with { specimen in
            for time in ["recorded_at + 1", "0", "-1", "\(Int.max)", "'\(Int.min)'"] {
                try await specimen.tamper(
                    set("recorded_at = \(time)"),
                    finds: [Named(.alteredHead)],
                    short: ["head": 1]
                )
            }
        }
    }

    @Test("a changed state is found, also one that is none")
    func state() async throws {
        try await Specimen.with { specimen in
            for state in [1, 2, 3, 77, 255, 256, 32767, -1, -256, -32768] {
                try await specimen.tamper(
                    set("state = \(state)"),
                    finds: [Named(.alteredHead)],
                    short: ["head": 1]
                )
            }
        }
    }

    @Test("a frozen tenant's head that says active is found")
    func thawed() async throws {
        try await Specimen.with { specimen in
            _ = try await specimen.ledger.registry.freeze(specimen.acme.id)
            #expect(try await !specimen.verify(specimen.acme).isBroken)
            try specimen.run(set("state = 0"))
            let verdict = try await specimen.verify(specimen.acme)
            #expect(verdict.named == [Named(.alteredHead)])
        }
    }

    @Test("a head with nothing right in it ends in findings, not in a crash or a search for years")
    func absurd() async throws {
        try await Specimen.with { specimen in
            let zero = #"last_leaf_hash = '\x00', recorded_at = -5, state = -9"#
            for size in [Int.max, 1 << 62] {
                try specimen.run(set("size = \(size), \(zero)"))
                let verdict = try await specimen.verify(specimen.acme)
                #expect(Set(verdict.named) == [Named(.missingEvent, 60), Named(.alteredHead)])
                #expect(verdict.findingCount == size - 60 + 1)
                #expect(verdict.passed["hashes"] == 59)
                try specimen.restore()
            }
            for size in [0, -1, Int.min] {
                try specimen.run(set("size = \(size), \(zero)"))
                let verdict = try await specimen.verify(specimen.acme)
                let names = Set(verdict.findings.map(\.name))
                #expect(names == [.missingEvent, .insertedEvent, .alteredHead])
                #expect(verdict.findings.count { $0.name == .insertedEvent } == 60)
                try specimen.restore()
            }
        }
    }

    @Test("rows at the ends of the world end in findings, not in a crash")
    func farRows() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                """
                SELECT forge.copy(:acme, 22, \(Int.max)), forge.copy(:acme, 22, \(Int.min)),
                    forge.copy(:acme, 22, \(1 << 61));
                UPDATE tally.head SET size = \(Int.max) WHERE slot = :acme
                """
            )
            let verdict = try await specimen.verify(specimen.acme, opening: true)
            let names = Set(verdict.findings.map(\.name))
            #expect(names.isSuperset(of: [.insertedEvent, .missingEvent, .duplicatedEvent]))
            #expect(verdict.named.first == Named(.insertedEvent, Int.min))
            #expect(verdict.named.last == Named(.insertedEvent, Int.max))
        }
    }

    @Test("a head that was deleted is named by the look at all tenants")
    func deleted() async throws {
        try await Specimen.with { specimen in
            try specimen.run("DELETE FROM tally.head WHERE slot = :acme")
            let error = await #expect(throws: Problem.self) {
                try await specimen.verify(specimen.acme)
            }
            #expect(error?.code == .notFound)
            let findings = try await LedgerVerifier(pool: specimen.auditors).check()
            #expect(findings.map { Named($0) } == [Named(.alteredHead)])
            #expect(findings.first?.evidence.contains(specimen.acme.id.hex) == true)
            #expect(try await specimen.verify(specimen.other).isIntact)
        }
    }
}
