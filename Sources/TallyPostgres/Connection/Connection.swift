// One libpq connection, blocking, owned by one thread. Statements are prepared once and get
// binary parameters and results.

internal import CLibPQ
internal import Glibc

/// A connection to PostgreSQL for one thread.
///
/// It is not Sendable: the thread that made it uses it. Methods block until the server answers
/// or a timeout of ``ConnectionConfiguration`` ends the statement.
package final class Connection {
    let handle: OpaquePointer
    let notices = NoticeCounter()
    private var prepared = PreparedStatements()
    /// What was looked up in this session and never changes in it, by id; whoever notes it bounds
    /// it.
    package var noted: [[UInt8]: Int32] = [:]
    /// Whether the server has refused to write, as a standby does.
    private var wasDemoted = false

    /// Connects.
    ///
    /// - Throws: `unreachable` when no server answers, `rejected` when it refuses the login or can
    ///   never be reached by this URI; nothing was done.
    package init(_ configuration: ConnectionConfiguration) throws(PostgresError) {
        try ConnectionFailure.check(configuration.uri)
        guard let opened = configuration.withParameters({ PQconnectdbParams($0, $1, 1) }) else {
            throw PostgresError(.unreachable, message: "libpq is out of memory")
        }
        guard PQstatus(opened) == CONNECTION_OK else {
            let message = PQerrorMessage(opened).map { String(cString: $0) } ?? ""
            PQfinish(opened)
            throw ConnectionFailure.error(message, of: configuration)
        }
        handle = opened
        notices.attach(to: opened)
        do throws(PostgresError) {
            try setUp(configuration)
        } catch  where error.code == .connectionLost {
            throw PostgresError(.unreachable, sqlState: error.sqlState, message: error.message)
        }
    }

    /// Makes a session ours, once nobody else can get it.
    private func setUp(_ configuration: ConnectionConfiguration) throws(PostgresError) {
        try PoolerCheck.run(self, configuration)
        if !configuration.isProbe { try execute(configuration.preamble) }
    }

    deinit { PQfinish(handle) }

    /// Whether the connection can still be used; finds out when the server ended it meanwhile.
    package var isUsable: Bool {
        guard !wasDemoted else { return false }
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while PQstatus(handle) == CONNECTION_OK, poll(&socket, 1, 0) > 0 {
            guard PQconsumeInput(handle) == 1 else { break }
        }
        return PQstatus(handle) == CONNECTION_OK
    }

    /// The server's version as libpq counts it: 150018 is 15.18.
    package var serverVersion: Int { Int(PQserverVersion(handle)) }

    /// Whether the server replays another's log, or takes no writes at all; it tells when that
    /// changes.
    package var isReadOnly: Bool {
        ["in_hot_standby", "default_transaction_read_only"].contains { (name: String) in
            PQparameterStatus(handle, name).map { strcmp($0, "on") == 0 } ?? false
        }
    }

    /// The server's process as it was told at the login.
    var toldProcess: Int { Int(PQbackendPID(handle)) }

    /// The server's process as it is.
    func serverProcess() throws(PostgresError) -> Int {
        let question = "SELECT pg_catalog.pg_backend_pid()"
        let result = PQexecParams(handle, question, 0, nil, nil, nil, nil, 1)
        return try check(result).integer(0, 0, as: Int.self)
    }

    /// Runs a script of our own without parameters, all or nothing if it is one transaction.
    package func execute(_ script: String) throws(PostgresError) {
        _ = try check(PQexec(handle, script))
    }

    /// Runs one statement with parameters, at most ``ConnectionLimits/parameters`` of them.
    ///
    /// A statement whose result has other columns than when it was prepared is prepared again, but
    /// in a transaction, which it has ended, only with the next call.
    /// - Throws: `connectionLost` when nobody can say whether it ran; `refused` when it did not.
    package func query(
        _ statement: String,
        _ parameters: [Parameter] = []
    ) throws(PostgresError) -> Rows {
        try Self.check(parameters)
        let key = PreparedStatements.Key(statement, parameters)
        guard let name = prepared[key] else { return try run(prepare(key), parameters) }
        do throws(PostgresError) {
            return try run(name, parameters)
        } catch  where error.sqlState == "0A000" {
            // Among others "cached plan must not change result type", for as long as it is kept.
            prepared.drop(key)
            guard PQtransactionStatus(handle) == PQTRANS_IDLE else { throw error }
            return try run(prepare(key), parameters)
        }
    }

    /// libpq sends no more either, but what it says of them cannot be told from a lost connection.
    private static func check(_ parameters: [Parameter]) throws(PostgresError) {
        guard parameters.count <= ConnectionLimits.parameters else {
            throw PostgresError(
                .refused,
                sqlState: "54023",
                message: "\(parameters.count) parameters, and a statement has at most "
                    + "\(ConnectionLimits.parameters)"
            )
        }
    }

    /// Runs `body` in one transaction and commits what it did, or rolls all of it back.
    ///
    /// A statement that the server refused ends the transaction, even if `body` goes on after it.
    /// - Throws: what `body` throws; `refused` when nothing was committed, also because `body` kept
    ///   such a refusal to itself; `connectionLost` or `unconfirmedCommit` when the commit's
    ///   outcome is unknown.
    package func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        let value: Value
        do {
            value = try body()
        } catch {
            if isUsable { try execute("ROLLBACK") }
            throw error
        }
        try commit()
        return value
    }

    private func commit() throws(PostgresError) {
        let warnings = warningCount
        // In a transaction that was refused something, COMMIT succeeds, and says ROLLBACK.
        guard try check(PQexec(handle, "COMMIT")).command == "COMMIT" else {
            throw PostgresError(
                .refused,
                sqlState: "25P02",
                message: "nothing was committed: a statement of the transaction was refused before"
            )
        }
        try requireConfirmation(since: warnings)
    }

    /// How many warnings the server has sent on this connection.
    package var warningCount: Int { notices.warnings }

    /// Refuses to take a commit for durable when the server warned about it: it does so when the
    /// wait for a synchronous standby was cancelled.
    package func requireConfirmation(since warnings: Int) throws(PostgresError) {
        guard warningCount == warnings else {
            throw PostgresError(
                .unconfirmedCommit,
                message: "the server warned that the commit is not confirmed by its standby"
            )
        }
    }

    /// Prepares a statement, and gives its name.
    private func prepare(_ key: PreparedStatements.Key) throws(PostgresError) -> String {
        if prepared.isFull {
            try execute("DEALLOCATE ALL")
            prepared.removeAll()
        }
        let name = prepared.nextName
        _ = try check(PQprepare(handle, name, key.statement, Int32(key.types.count), key.types))
        prepared.add(key)
        return name
    }

    private func run(
        _ name: String,
        _ parameters: [Parameter]
    ) throws(PostgresError) -> Rows {
        let count = Int32(parameters.count)
        return try check(
            withParameters(parameters) { values, lengths, formats in
                PQexecPrepared(handle, name, count, values, lengths, formats, 1)
            }
        )
    }

    func check(_ result: OpaquePointer?) throws(PostgresError) -> Rows {
        guard let result else { throw lostOrRefused(nil) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_OUT, PGRES_COPY_IN, PGRES_EMPTY_QUERY:
            return Rows(result, notices)
        default:
            defer { PQclear(result) }
            throw lostOrRefused(result)
        }
    }

    private func lostOrRefused(_ result: OpaquePointer?) -> PostgresError {
        func field(_ code: Character) -> String? {
            let number = Int32(code.asciiValue ?? 0)
            return PQresultErrorField(result, number).map { String(cString: $0) }
        }
        // A server that ends the connection may have committed first.
        let isFatal = ["FATAL", "PANIC"].contains(field("V"))
        guard let state = field("C"), isUsable, !isFatal else {
            return PostgresError(
                .connectionLost,
                sqlState: field("C"),
                message: "the connection to PostgreSQL was lost"
            )
        }
        if state == "25006" {
            wasDemoted = true
            return .standby
        }
        return PostgresError(
            .refused,
            sqlState: state,
            message: field("M") ?? "PostgreSQL refused",
            detail: state.hasPrefix("TL") ? field("D") : nil
        )
    }
}

/// Gives `body` the parameters in the parallel arrays that libpq wants.
///
/// They are copied behind one another. To lend each where it lies takes a call within a call for
/// every one, and a stack does not hold as many calls as a statement may have parameters.
private func withParameters<Value>(
    _ parameters: [Parameter],
    _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
) -> Value {
    let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
    var starts: [Int?] = []
    // Never empty, so that there is an address for no bytes: libpq takes NULL for SQL's NULL.
    var bytes: [UInt8] = [0]
    bytes.reserveCapacity(lengths.reduce(1) { $0 + Int($1) })
    for parameter in parameters {
        starts.append(parameter.bytes.map { _ in bytes.count })
        bytes += parameter.bytes ?? []
    }
    return bytes.withUnsafeBytes { buffer in
        let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        let values = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
        return body(values, lengths, [Int32](repeating: 1, count: parameters.count))
    }
}
