// The key store, the KEKs and the journals of the running test's ledger, as a mishap changes them.

import Foundation
import TallyCore
import TallyPostgres
import TallyTesting
import TallyVault
import Tallystick
import Testing

/// A copy of the key store's tables, as a backup would have them.
struct KeyStoreBackup {
    private static let tables = ["key_record", "tenant_wrap", "key_block", "key_epoch"]

    private let store: Connection

    /// Takes the backup.
    init() throws {
        store = try Witness.current.keyStore()
        for table in Self.tables {
            try store.execute("CREATE TABLE public.\(table) AS TABLE tally_keys.\(table)")
        }
    }

    /// Puts it in place of what is there.
    func restore() throws {
        for table in Self.tables {
            try store.execute(
                """
                TRUNCATE tally_keys.\(table);
                INSERT INTO tally_keys.\(table) TABLE public.\(table)
                """
            )
        }
    }
}

/// The files of KEKs and journals.
struct KeyFiles {
    private let configuration: LedgerConfiguration
    private let ledger: LedgerID

    init(_ ledger: Ledger) {
        configuration = ledger.configuration
        self.ledger = ledger.row.id
    }

    func kek(_ epoch: Int) -> String { "\(configuration.kekDirectory)/\(stem(epoch)).kek" }

    func mark(_ epoch: Int) -> String { "\(configuration.kekDirectory)/\(stem(epoch)).destroyed" }

    func journal(_ epoch: Int) -> String { "\(configuration.keyJournal)/\(stem(epoch)).journal" }

    /// Copies files away; the result puts them back where they were.
    func keep(_ paths: [String]) throws -> () throws -> Void {
        let kept = try paths.map { ($0, try Data(contentsOf: URL(filePath: $0))) }
        return { for (path, data) in kept { try Self.write(data, path) } }
    }

    /// Writes a file that is its owner's alone.
    static func write(_ data: Data, _ path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        #expect(
            FileManager.default.createFile(atPath: path, contents: data, attributes: attributes)
        )
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func stem(_ epoch: Int) -> String {
        let digits = String(epoch)
        return "\(ledger.hex)-\(String(repeating: "0", count: 20 - digits.count))\(digits)"
    }
}

extension Ledger {
    /// The doctor's findings by topic.
    func doctor() async throws -> [String: DoctorFinding] {
        Dictionary(
            uniqueKeysWithValues: try await self.examine().map { ($0.topic, $0) }
        )
    }

    /// How many people's sections a document shows.
    func people(_ tenant: String, _ stream: String) async throws -> Int? {
        try await self.tenant(named: tenant).document(stream)?.personal.count
    }
}
