// The demo's own ledger, new at each run and left behind for the reader to explore.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// A fresh ledger in a private cluster of its own.
struct DemoSite {
    let site: EmbeddedSite
    let ledger: Ledger

    /// Starts the cluster and replaces what an earlier run left.
    static func open(directory: String) async throws(Problem) -> DemoSite {
        let site = try await EmbeddedSite.start(directory: directory)
        do {
            try await clear(site)
        } catch {
            throw Problem(error)
        }
        _ = try await Ledger.initialize(site.configuration, origin: "demo.example/rounds/1")
        return DemoSite(site: site, ledger: try await Ledger.open(site.configuration))
    }

    private static func clear(_ site: EmbeddedSite) async throws {
        for (uri, schema) in [
            (site.configuration.database, "tally"), (site.configuration.keys, "tally_keys"),
        ] {
            let pool = Ledger.pool(uri)
            defer { pool.close() }
            try await pool.withConnection {
                try $0.execute("DROP SCHEMA IF EXISTS \(schema) CASCADE")
            }
        }
        for path in [site.configuration.kekDirectory, site.configuration.keyJournal] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Changes one byte of an event's body as a superuser with triggers off, or puts it back.
    func flipByte(of position: Int, tenant: Tenant) async throws(Problem) {
        let pool = Ledger.pool(site.configuration.database)
        defer { pool.close() }
        let id = tenant.id.hex
        do {
            try await pool.withConnection { connection in
                try connection.execute(
                    """
                    SET session_replication_role = replica;
                    UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 1)
                    WHERE tenant_id = '\(id)' AND position = \(position);
                    """)
            }
        } catch {
            throw Problem(error)
        }
    }

    func close() async {
        await ledger.close()
        try? site.cluster.stop()
    }
}
