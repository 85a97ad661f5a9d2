// Nothing that was given to a ledger, and no key, lies anywhere in plain sight: not in tables, WAL,
// backups, dumps, the key journal or the server's log.

import Foundation
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite struct RemanenceTests {
    @Test func whatALedgerWasGivenIsNowhere() async throws {
        let evidence = try await RemanenceEvidence.shared.value
        for secret in evidence.secrets { #expect(evidence.report.hits(of: secret) == []) }
    }

    @Test func noKeyIsAnywhereButTheKEKWhereItBelongs() async throws {
        let evidence = try await RemanenceEvidence.shared.value
        for key in evidence.keys where key != "KEK" {
            #expect(evidence.report.hits(of: key) == [])
        }
        let keks = evidence.report.hits(of: "KEK")
        #expect(keks.count == 1)
        #expect(keks == evidence.report.hits(of: "KEK", under: evidence.site.kekDirectory))
    }

    @Test func everyPlaceWasReadToItsEnd() async throws {
        let coverage = try await RemanenceEvidence.shared.value.report.coverage
        #expect(coverage.unreadable == [])
        #expect(coverage.files > 2000, "two clusters of three databases each")
        #expect(coverage.bytes > 50_000_000)
    }

    @Test func whatIsPlantedInATableIsFoundInEveryPlaceInEveryForm() async throws {
        let evidence = try await RemanenceEvidence.shared.value
        let data = evidence.site.dedicated.cluster.dataDirectory
        let inFiles: Set<Encoding> = [
            .raw, .hex, .upperHex, .base64, .utf16LittleEndian, .utf16BigEndian,
        ]
        let inDumps: Set<Encoding> = [
            .raw, .hex, .upperHex, .base64, .hexOfUTF16LittleEndian, .hexOfUTF16BigEndian,
        ]
        let expected = [
            "\(data)/base": inFiles, "\(data)/pg_wal": inFiles,
            "\(evidence.capture.baseBackup)/base": inFiles, evidence.capture.dumps: inDumps,
        ]
        for (place, encodings) in expected {
            let hits = evidence.report.hits(of: PlantedNeedles.inTable, under: "\(place)/")
            #expect(Set(hits.map(\.encoding)) == encodings, "\(place)")
        }
    }

    @Test func whatIsPlantedInTheLogOrTheJournalIsFoundThere() async throws {
        let evidence = try await RemanenceEvidence.shared.value
        let log = evidence.site.dedicated.cluster.logFile
        #expect(Set(evidence.report.hits(of: PlantedNeedles.inLog).map(\.path)) == [log])
        let journal = evidence.site.dedicated.configuration.keyJournal
        #expect(
            Set(evidence.report.hits(of: PlantedNeedles.inJournal).map(\.path))
                == ["\(journal)/planted", "\(evidence.capture.journal)/planted"]
        )
    }

    @Test func aFailingStatementLeavesNoValueInTheLog() async throws {
        let evidence = try await RemanenceEvidence.shared.value
        let log = evidence.site.dedicated.cluster.logFile
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("duplicate key value"), "the statement failed and was logged")
        #expect(evidence.report.hits(of: PlantedNeedles.inTable, under: log) == [])
    }
}
