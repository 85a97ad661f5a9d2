// What a failure of PostgreSQL means to the caller. No statement, parameter or row is in it.

package import TallyCore
package import TallyPostgres

extension PostgresError: ProblemConvertible {
    package var problem: Problem { Problem(self) }
}

extension Problem {
    /// What a failure of the database means to the caller when nothing was stored.
    package init(_ error: PostgresError) {
        if let known = Self(refusal: error) ?? Self.ofConnection(error) {
            self = known
            return
        }
        switch (error.code, error.sqlState) {
        case (.refused, "42501"):
            self.init(
                .misconfigured,
                "the database login lacks a privilege: \(error.message)",
                hint: "grant it the tally_ role that this command needs"
            )
        case (.refused, "3F000"), (.refused, "42P01"), (.refused, "42883"), (.refused, "42704"):
            self.init(
                .misconfigured,
                "the database does not have Tallystick's schema",
                hint: "run \(.migrateSchema), or check \(.database) and \(.keyStore)"
            )
        case (.unexpectedResult, _):
            self.init(
                .misconfigured,
                "the database holds something that the ledger never writes: \(error)",
                hint: "run \(.verify): it names what was damaged"
            )
        case _ where error.isLasting:
            self.init(
                .misconfigured,
                "PostgreSQL refused: \(error)",
                hint: "see the server log at this time"
            )
        default:
            self.init(
                .unavailable,
                "PostgreSQL is not available: \(error)",
                hint: "check that the server runs, then try again"
            )
        }
    }

    /// What stands between the caller and a statement: the connection, or those who hold it up.
    private static func ofConnection(_ error: PostgresError) -> Problem? {
        switch (error.code, error.sqlState) {
        case (.overloaded, _):
            return Self(.overloaded, error.message, hint: "try again in a moment")
        case (.refused, "55P03"):
            return Self(
                .unavailable,
                "other sessions keep what this needs locked: \(error.message)",
                hint: "let them end, or end them with pg_terminate_backend, then run this again"
            )
        case (.rejected, _):
            return Self(
                .misconfigured,
                "PostgreSQL cannot be used like this: \(error)",
                hint: error.message.contains("pooler")
                    ? "connect to the server itself, or to a pool in session mode"
                    : "check user, password, database, host and certificate: --db and --keys"
            )
        case (.standby, _):
            return Self(
                .misconfigured,
                error.message,
                hint: "name the primary, or all hosts with target_session_attrs=read-write"
            )
        case (.closed, _):
            return Self(.unavailable, "the ledger was closed", hint: "open it again")
        default: return nil
        }
    }
}
