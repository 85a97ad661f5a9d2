// Keeps a tenant's appends waiting, so that a test decides what comes together.

import TallyCore
import TallyPostgres
import TallyTesting

/// Holds a tenant's head, as another writer in mid-transaction would.
final class HeadBlocker {
    private let connection: Connection

    init(_ tenant: TenantID) throws {
        connection = try Witness.current.superuser()
        try connection.execute(
            "BEGIN; SELECT FROM tally.head WHERE tenant_id = '\(tenant.hex)' FOR UPDATE"
        )
    }

    func release() throws { try connection.execute("COMMIT") }
}
