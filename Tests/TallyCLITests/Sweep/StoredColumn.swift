// Columns of both databases, as the catalogs have them, and what nobody ever writes into them.

import TallyPostgres
import TallyTesting
import Tallystick

/// A column of a table of the ledger's or the key store's.
struct StoredColumn {
    /// The database's URI.
    let database: String
    /// The table, with its schema.
    let table: String
    let name: String
    let type: String
    let isNullable: Bool

    /// All columns of both databases, in the order of tables.
    static func all() throws -> [StoredColumn] {
        let configuration = try TestLedger.current.configuration
        return try read(configuration.database, "tally") + read(configuration.keys, "tally_keys")
    }

    private static func read(_ database: String, _ schema: String) throws -> [StoredColumn] {
        let rows = try Connection(ConnectionConfiguration(uri: database)).query(
            """
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL), NOT a.attnotnull
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = $1::text::regnamespace AND c.relkind = 'r'
                AND c.relname NOT LIKE '%\\_old'
            ORDER BY 1, a.attnum
            """,
            [.text(schema)]
        )
        return try (0..<rows.count).map { row in
            StoredColumn(
                database: database,
                table: "\(schema).\(try rows.text(row, 0))",
                name: try rows.text(row, 1),
                type: try rows.text(row, 2),
                isNullable: try rows.bool(row, 3)
            )
        }
    }

    /// Values in SQL that no sound row holds, or that lie at the end of what the type can hold.
    var absurd: [String] { (isNullable ? ["NULL"] : []) + values }

    private var values: [String] {
        switch type {
        case "smallint": ["-1", "0", "32767", "-32768"]
        case "integer": ["-1", "0", "2147483647", "-2147483648"]
        case "bigint": ["-1", "0", "9223372036854775807", "-9223372036854775808"]
        case "bytea": ["''", "'\\x00'", "decode(repeat('ff', 10485760), 'hex')"]
        case "text": ["''", "'x'", "E'\\u202e\\x01'", "repeat('x', 1000000)"]
        case "uuid": ["'00000000-0000-0000-0000-000000000000'", "gen_random_uuid()"]
        case "boolean": ["NOT \(name)"]
        case "bigint[]": ["'{}'", "'{-1}'", "'{NULL}'", "'{9223372036854775807}'"]
        case "text[]": ["'{}'", "'{x}'", "'{NULL}'"]
        default: []
        }
    }
}

extension StoredColumn {
    /// Runs `body` while the column of all rows holds a value, or of one row where all cannot; not
    /// at all where PostgreSQL refuses it.
    func holding(_ value: String, _ body: () throws -> Void) throws {
        let attacker = try Connection(ConnectionConfiguration(uri: database))
        try attacker.execute("SET session_replication_role = replica")
        try attacker.execute("CREATE TEMPORARY TABLE kept AS TABLE \(table)")
        defer {
            try? attacker.execute("DELETE FROM \(table); INSERT INTO \(table) TABLE kept")
        }
        let change = "UPDATE \(table) SET \(name) = \(value)"
        let one = "\(change) WHERE ctid = (SELECT max(ctid) FROM \(table))"
        guard attacker.takes(change) || attacker.takes(one) else { return }
        try body()
    }

    /// Takes the bounds of the columns away, so that absurd values can be stored at all.
    static func dropBounds() throws {
        let configuration = try TestLedger.current.configuration
        for (database, schema) in [
            (configuration.database, "tally"), (configuration.keys, "tally_keys"),
        ] {
            try Connection(ConnectionConfiguration(uri: database)).execute(
                """
                DO $$
                DECLARE
                    v_bound record;
                BEGIN
                    FOR v_bound IN
                        SELECT conrelid::regclass AS place, conname FROM pg_constraint
                        WHERE connamespace = '\(schema)'::regnamespace AND contype = 'c'
                    LOOP
                        EXECUTE format(
                            'ALTER TABLE %s DROP CONSTRAINT %I', v_bound.place, v_bound.conname);
                    END LOOP;
                END
                $$
                """
            )
        }
    }
}

extension Connection {
    fileprivate func takes(_ statement: String) -> Bool {
        do throws(PostgresError) {
            try execute(statement)
            return true
        } catch {
            return false
        }
    }
}
