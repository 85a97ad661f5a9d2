// Stream and version are columns beside the hashed bytes. That they are there at all is checked
// always; whether they are the right ones only shows with the keys.

import TallyCore
import TallyEvidence
import TallyStore
import TallyTesting
import Testing

/// Columns of the log, changed.
@Suite(.serialized, .specimen) struct ColumnTamperingTests {
    private func change(_ column: String, _ position: Int) -> String {
        "UPDATE tally.event SET \(column) WHERE slot = :acme AND position = \(position)"
    }

    @Test("a changed stream is found with the keys")
    func stream() async throws {
        try await Specimen.with { specimen in
            for position in [1, 22, 46, 59] {
                try await specimen.tamper(
                    change("stream = gen_random_uuid()", position),
                    finds: [Named(.alteredColumn, position)],
                    short: ["columns": 1],
                    opening: true
                )
            }
        }
    }

    @Test("a changed version is found with the keys")
    func version() async throws {
        try await Specimen.with { specimen in
            for version in ["version + 100", "0", "-1", "2147483647", "-2147483648"] {
                try await specimen.tamper(
                    change("version = \(version)", 22),
                    finds: [Named(.alteredColumn, 22)],
                    short: ["columns": 1],
                    opening: true
                )
            }
        }
    }

    @Test("versions of one stream that were exchanged are both found with the keys")
    func exchanged() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                change("version = -5", 7)
                    + ";" + change("version = 2", 12)
                    + ";" + change("version = 3", 7),
                finds: [Named(.alteredColumn, 7), Named(.alteredColumn, 12)],
                short: ["columns": 2],
                opening: true
            )
        }
    }

    @Test("events that were moved into another stream are each found with the keys")
    func moved() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                """
                UPDATE tally.event SET stream = '\(BlindTag.random().hex)'
                WHERE slot = :acme AND stream = (
                    SELECT stream FROM tally.event WHERE slot = :acme AND position = 41)
                    AND position > 30
                """,
                finds: [31, 36, 41, 46, 51, 56].map { Named(.alteredColumn, $0) },
                short: ["columns": 6],
                opening: true
            )
        }
    }

    @Test("a column that lacks where it belongs is found without keys")
    func missing() async throws {
        try await Specimen.with { specimen in
            for column in ["stream = NULL, version = NULL", "stream = NULL", "version = NULL"] {
                for opening in [false, true] {
                    try await specimen.tamper(
                        change(column, 22),
                        finds: [Named(.alteredColumn, 22)],
                        opening: opening
                    )
                }
            }
        }
    }

    @Test("a column that is there where none belongs is found without keys")
    func strange() async throws {
        try await Specimen.with { specimen in
            for column in ["stream = gen_random_uuid(), version = 1", "version = 1"] {
                for position in [0, 54] {
                    for opening in [false, true] {
                        try await specimen.tamper(
                            change(column, position),
                            finds: [Named(.alteredColumn, position)],
                            opening: opening
                        )
                    }
                }
            }
        }
    }

    @Test("a NULL where the schema allows none is found as an empty leaf or body")
    func null() async throws {
        try await Specimen.with { specimen in
            for (column, name) in [("leaf", Finding.Name.alteredLeaf), ("body", .alteredBody)] {
                let table = "ALTER TABLE tally.event ALTER \(column)"
                try specimen.run("\(table) DROP NOT NULL; " + change("\(column) = NULL", 22))
                #expect(try await specimen.verify(specimen.acme).named == [Named(name, 22)])
                try specimen.restore()
                try specimen.run("\(table) SET NOT NULL")
            }
        }
    }

    @Test("missing events do not make the columns of later ones suspicious")
    func afterMissing() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                "DELETE FROM tally.event WHERE slot = :acme AND position IN (1, 22, 23, 58)"
            )
            let verdict = try await specimen.verify(specimen.acme, opening: true)
            let missing = [1, 22, 58].map { Named(.missingEvent, $0) }
            #expect(verdict.named == missing, "\(verdict.findings)")
            #expect(verdict.findingCount == 4)
            #expect(verdict.passed["columns"] == 53)
        }
    }

    @Test("swapped rows do not make the columns of others suspicious")
    func afterSwap() async throws {
        try await Specimen.with { specimen in
            try specimen.run("SELECT forge.swap(:acme, 10, 33)")
            let verdict = try await specimen.verify(specimen.acme, opening: true)
            #expect(verdict.named == [Named(.swapped, 10), Named(.swapped, 33)])
            #expect(verdict.passed["columns"] == 55)
        }
    }

    @Test("an altered leaf is named once with the keys, which no longer open its parts")
    func alteredLeaf() async throws {
        try await Specimen.with { specimen in
            for byte in [2, 10, 22, 30, 40, 60, 83, 90] {
                try specimen.run("SELECT forge.flip_leaf(:acme, 22, \(byte), 1)")
                let verdict = try await specimen.verify(specimen.acme, opening: true)
                #expect(verdict.named == [Named(.alteredLeaf, 22)], "\(verdict.findings)")
                #expect((56...57).contains(verdict.passed["columns"] ?? 0))
                try specimen.restore()
            }
        }
    }
}
