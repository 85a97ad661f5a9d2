// Every column that holds a number or bytes says what they can be: nobody who writes past the
// functions stores what no reader expects.

import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct ColumnBoundTests {
    /// Columns that need no bound, with the reason.
    private static let exceptions = [
        "schema_version.version": "nobody but the migration writes it",
        "schema_version.digest": "compared with a digest, nothing else",
    ]

    /// A slot is one of a tenant, and bounded there.
    @Test func everyColumnOfNumbersOrBytesHasACheck() async throws {
        let open = try Database.superuser().texts(
            """
            SELECT c.relname || '.' || a.attname FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'tally'::regnamespace AND c.relkind = 'r'
                AND (a.attname <> 'slot' OR c.relname = 'tenant')
                AND a.atttypid IN ('bigint'::regtype, 'int'::regtype, 'smallint'::regtype,
                    'bytea'::regtype, 'bigint[]'::regtype)
                AND NOT EXISTS (
                    SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'
                        AND a.attnum = ANY (k.conkey))
            ORDER BY 1
            """
        )
        #expect(open == Self.exceptions.keys.sorted())
    }

    @Test func aTableThatIsBuiltAnewHasTheSameBounds() async throws {
        let superuser = try Database.superuser()
        for (projection, tables) in [
            ("documents", ["document"]), ("trail", ["event_tag", "dictionary"]),
        ] {
            _ = try superuser.query("SELECT tally.begin_rebuild('\(projection)', NULL)")
            for table in tables {
                let bounds = try ["", "_next"].map { suffix in
                    try superuser.texts(
                        """
                        SELECT pg_get_constraintdef(oid) FROM pg_constraint
                        WHERE conrelid = 'tally.\(table)\(suffix)'::regclass AND contype = 'c'
                        ORDER BY 1
                        """
                    )
                }
                #expect(bounds[0] == bounds[1] && !bounds[0].isEmpty, "\(table)")
            }
        }
    }
}
