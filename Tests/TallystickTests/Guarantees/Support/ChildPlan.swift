// What a child process is told to do, and how it hands back its receipts: through a file. It
// begins when its parent opens the gate.

import Foundation
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@testable import TallyStore

/// A writer in a process of its own.
struct ChildPlan: Codable, Sendable {
    private let database: String
    private let keys: String
    private let kekDirectory: String
    private let keyJournal: String
    private let pause: Int
    private let output: String

    init(_ configuration: LedgerConfiguration, pause: Int, output: String) {
        database = configuration.database
        keys = configuration.keys
        kekDirectory = configuration.kekDirectory
        keyJournal = configuration.keyJournal
        self.pause = pause
        self.output = output
    }

    /// The child's work.
    func run() async throws {
        try StartGate.pass(database)
        let configuration = LedgerConfiguration(
            database: database,
            keys: keys,
            kekDirectory: kekDirectory,
            keyJournal: keyJournal
        )
        let receipts = try await SharedWriter(configuration, pause: pause).run()
        let lines = receipts.map {
            "\($0.position) \($0.version) \($0.recordedAt) \($0.eventID) \($0.leafHash)"
        }
        try lines.joined(separator: "\n").write(toFile: output, atomically: true, encoding: .utf8)
    }

    /// What the child wrote, for its parent.
    func receipts() throws -> [Receipt] {
        try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            try #require(words.count == 5)
            return Receipt(
                position: try #require(Int(words[0])),
                version: try #require(Int(words[1])),
                recordedAt: try #require(Instant(String(words[2]))),
                id: try #require(EventID(words[3])),
                hash: try #require(Hex.decode(words[4]).flatMap { Digest($0) })
            )
        }
    }
}

/// A gate in the database: closed by the parent, and passed by children once it is open.
final class StartGate {
    private static let key = 4242
    private let connection: Connection

    init() throws {
        connection = try Witness.current.superuser()
        try connection.execute("SELECT pg_advisory_lock(\(Self.key))")
    }

    /// Opens when so many children stand before it.
    func open(whenWaiting count: Int64) async throws {
        let waiting = """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
            AND objid = \(Self.key) AND database = (
                SELECT oid FROM pg_database WHERE datname = current_database())
            """
        while try connection.query(waiting).integer(0, 0) < count { await Task.yield() }
        try connection.execute("SELECT pg_advisory_unlock(\(Self.key))")
    }

    /// Waits until the gate is open.
    static func pass(_ database: String) throws {
        let connection = try Connection(ConnectionConfiguration(uri: database))
        try connection.execute("SET lock_timeout = 0; SELECT pg_advisory_lock_shared(\(key))")
    }
}
