// What a caller of the store must be able to tell apart. No payload, name or key is in it.

package import TallyPostgres
package import TallyVault

/// Why the store did not do what was asked.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure, as far as the caller's next step depends on them.
    package enum Code: String, Sendable, CaseIterable {
        /// The request breaks a rule; it can never succeed as it is.
        case invalid
        /// The request is larger than a bound.
        case tooLarge
        /// The tenant or event does not exist.
        case notFound
        /// The stream does not have the expected version.
        case versionConflict
        /// The request id was used for another request.
        case requestReused
        /// The tenant is frozen.
        case frozen
        /// The tenant or subject was erased.
        case erased
        /// Too many requests wait.
        case overloaded
        /// PostgreSQL or the key store cannot be reached; nothing was stored.
        case unavailable
        /// It may or may not have been stored.
        case outcomeUnknown
        /// The installation is wrong: schema, KEK directory, clock, privileges.
        case misconfigured
        /// The thing exists already.
        case exists
        /// Nobody may do this.
        case forbidden
        /// A projection has not caught up.
        case projectionBehind
        /// Another operator must sign first.
        case approvalRequired
        /// The rules of decisions do not allow it.
        case refused
        /// A legal hold forbids it.
        case hold
        /// The log is not the one that a reader's cursor came from.
        case historyChanged
    }

    /// What kind of failure this is.
    package let code: Code
    /// What happened and why, in one line.
    package let message: String
    /// What to do about it.
    package let hint: String
    /// Where in the submitted data the fault is (RFC 6901), if it is in there.
    package let pointer: String?
    /// The stream's version, for a `versionConflict`.
    package let currentVersion: Int?

    /// Makes an error.
    package init(
        _ code: Code,
        _ message: String,
        hint: String,
        pointer: String? = nil,
        currentVersion: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.pointer = pointer
        self.currentVersion = currentVersion
    }

    /// The error in one line.
    package var description: String { message }
}

extension StoreError {
    /// What a failure of the database means to the caller when nothing was stored.
    package init(_ error: PostgresError) {
        if let known = Self.ofConnection(error) {
            self = known
            return
        }
        switch (error.code, error.sqlState) {
        case (.refused, "TL002"):
            self.init(
                .misconfigured,
                "this machine's clock is more than two seconds ahead of the"
                    + " database's, so the event was refused",
                hint: "synchronise the clocks (NTP) and retry with the same request id"
            )
        case (.refused, "TL004"):
            self.init(.notFound, error.message, hint: "check the name, or run tally init")
        case (.refused, "TL005"):
            self.init(.exists, error.message, hint: "choose another name, or use what exists")
        case (.refused, "TL006"):
            self.init(.erased, error.message, hint: "this cannot be changed")
        case (.refused, "TL008"):
            self.init(.forbidden, error.message, hint: "name a tenant of your own")
        case (.refused, "TL010"):
            self.init(.refused, error.message, hint: "tally approval list shows what waits")
        case (.refused, "TL011"):
            self.init(
                .approvalRequired,
                error.message,
                hint:
                    "another operator signs it: tally approval approve REQUEST --operator-key FILE"
            )
        case (.refused, "TL012"):
            self.init(
                .projectionBehind,
                error.message,
                hint: "run the service that keeps them, or: tally projection remove NAME"
            )
        case (.refused, "TL001"):
            self.init(.invalid, error.message, hint: "correct the value and try again")
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
                hint: "run tally schema migrate, or check --db and --keys"
            )
        case (.unexpectedResult, _):
            self.init(
                .misconfigured,
                "the database holds something that the ledger never writes: \(error)",
                hint: "run tally verify: it names what was damaged"
            )
        case (.refused, let state?) where !Self.isTransient(state):
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
    private static func ofConnection(_ error: PostgresError) -> StoreError? {
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

    /// Whether a refusal may be gone at the next try: resources, locks, shutdown.
    private static func isTransient(_ state: String) -> Bool {
        ["40", "53", "55", "57", "58", "08"].contains(state.prefix(2))
    }

    /// What a failure of the keys means to the caller.
    package init(_ error: VaultError) {
        switch error.code {
        case .erased:
            self.init(.erased, error.message, hint: "erased content cannot be brought back")
        case .epochDestroyed:
            self.init(
                .misconfigured,
                error.message,
                hint: error.hint
                    ?? "if the key store is an older copy, tally key restore brings it up to date; "
                    + "see docs/operating/lost-key-store.md"
            )
        case .unavailable:
            self.init(
                .unavailable,
                error.message,
                hint: error.hint ?? "check the key store and where the KEKs are, then try again"
            )
        case .noKeys, .wrongKEK, .foreignKEK, .outOfStep, .notOwner, .damagedKey, .journal,
            .provider, .rejected:
            self.init(
                .misconfigured,
                error.message,
                hint: error.hint
                    ?? "check --keys, --kek or --kek-dir, and --key-journal: they must be this "
                    + "ledger's; if the key store was lost or is an older copy, tally key restore"
            )
        }
    }
}
