// A ledger whose every byte is looked into: its server, its backups, and an adversary who has it
// all. Tests of erasure ask here what can still be recovered.

internal import Foundation
internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyVault
package import Tallystick

/// A ledger on a server of its own, with every place where something of it may remain.
package final class RemanenceSite: Sendable {
    /// Where the ledger and its server are.
    package let dedicated: DedicatedLedger
    /// The ledger, open.
    package let ledger: Ledger

    private init(_ dedicated: DedicatedLedger, _ ledger: Ledger) {
        self.dedicated = dedicated
        self.ledger = ledger
    }

    /// Starts a server that writes WAL as a production server does, with images of whole pages.
    package static func create() async throws -> RemanenceSite {
        let dedicated = try await DedicatedLedger.create(settings: ["full_page_writes": "on"])
        return RemanenceSite(dedicated, try await Ledger.open(dedicated.configuration))
    }

    /// Closes the ledger and stops the server; the files stay until the end of the test run.
    package func stop() async throws {
        await ledger.close()
        try await offPool { [dedicated] in try dedicated.cluster.stop() }
    }

    /// Takes backups that stay, like those of an operator: everything that is asked later looks
    /// into them too.
    ///
    /// - Parameter name: a name for the moment, not used before.
    /// - Returns: where the backups are.
    /// - Throws: what PostgreSQL's tools said when one failed.
    @discardableResult
    package func capture(_ name: String) async throws -> ClusterCapture {
        try dedicated.administrator().execute("CHECKPOINT")
        return try await offPool { [dedicated] in try ClusterCapture.take(dedicated, as: name) }
    }

    /// Every place: the data directory with the WAL in it, the server's log, the key journal, and
    /// all captures.
    package var places: [RemanenceSource] {
        let captures = "\(dedicated.directory)/captures"
        let isCaptured = FileManager.default.fileExists(atPath: captures)
        return [
            .path(dedicated.cluster.dataDirectory), .path(dedicated.cluster.logFile),
            .path(dedicated.configuration.keyJournal),
        ] + (isCaptured ? [.path(captures)] : [])
    }

    /// The directory of the living KEKs.
    package var kekDirectory: String { dedicated.configuration.kekDirectory }

    /// The key of a subject in the default class, which has one.
    package func target(_ subject: String, of tenant: Tenant) async throws -> KeyTarget {
        let tag = try await tenant.ledger.subjectTag(subject, of: tenant)
        let rows = try Connection(ConnectionConfiguration(uri: dedicated.configuration.keys)).query(
            """
            SELECT key_id FROM tally_keys.key_record
            WHERE tenant_id = $1 AND subject_tag = $2 AND retention_class = '' AND kind = $3
            """,
            [
                .uuid(tenant.id.bytes), .bytea(tag.bytes),
                .smallint(Int16(KeyKind.subject.rawValue)),
            ]
        )
        guard let id = Digest(try rows.bytes(0, 0)) else {
            throw VaultError(.damagedKey, "a key id of other than 32 bytes")
        }
        return KeyTarget(
            owner: subject,
            tenant: tenant.id,
            name: KeyName(.subject, subjectTag: tag),
            id: id
        )
    }

    /// Those of the targets whose keys can be had from ``places`` and the living KEKs.
    ///
    /// - Throws: an error when a file could not be read though it is still there: keys may be in
    ///   it. One that a running server removed meanwhile is no place any more.
    package func recoverable(_ targets: Set<KeyTarget>) async throws -> Set<KeyTarget> {
        let configuration = dedicated.configuration
        let provider = try configuration.provider(configuration, ledger.vault.ledger)
        let adversary = RemanenceAdversary(ledger: ledger.vault.ledger, providers: [provider])
        let recovered = await adversary.attack(places + [.path(kekDirectory)], for: targets)
        for path in recovered.coverage.unreadable
        where FileManager.default.fileExists(atPath: path) {
            throw CocoaError(.fileReadUnknown, userInfo: [NSFilePathErrorKey: path])
        }
        return recovered.reached(targets)
    }
}
