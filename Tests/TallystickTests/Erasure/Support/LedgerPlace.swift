// Where a ledger is, in a form that a child process can be told.

import Foundation
import Tallystick

/// A ledger's place, for a child process.
struct LedgerPlace: Codable, Sendable {
    private let database: String
    private let keys: String
    private let kekDirectory: String
    private let keyJournal: String

    init(_ configuration: LedgerConfiguration) {
        database = configuration.database
        keys = configuration.keys
        kekDirectory = configuration.kekDirectory
        keyJournal = configuration.keyJournal
    }

    /// The ledger, opened in this process.
    func open() async throws -> Ledger {
        try await Ledger.open(
            LedgerConfiguration(
                database: database,
                keys: keys,
                kekDirectory: kekDirectory,
                keyJournal: keyJournal
            )
        )
    }
}
