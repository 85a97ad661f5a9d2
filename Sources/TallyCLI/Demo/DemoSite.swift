// The demo's own ledger, new at each run and left behind for the reader to explore.

internal import Foundation
internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import Tallystick

/// A fresh ledger in a private cluster of its own.
struct DemoSite {
    let site: EmbeddedSite
    let ledger: Ledger

    /// Starts the cluster and replaces what an earlier run left.
    static func open(directory: String) async throws(Problem) -> DemoSite {
        let site = try await EmbeddedSite.start(
            directory: directory,
            origin: "demo.example/rounds/1",
            isFresh: true
        )
        return DemoSite(site: site, ledger: try await Ledger.open(site.configuration))
    }

    /// Changes one byte of an event's body as a superuser with triggers off, or puts it back.
    func flipByte(of position: Int, tenant: Tenant) async throws(Problem) {
        let pool = ConnectionPool(
            ConnectionConfiguration(uri: site.configuration.database),
            size: 1
        )
        defer { pool.close() }
        let id = tenant.id
        do {
            try await pool.withConnection { connection in
                let slot = try connection.slot(of: id)
                try connection.execute(
                    """
                    SET session_replication_role = replica;
                    UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 1)
                    WHERE slot = \(slot) AND position = \(position);
                    """
                )
            }
        } catch {
            throw Problem(error)
        }
    }

    func close() async throws(Problem) {
        await ledger.close()
        try site.stop()
    }
}
