// Every function that runs with more rights than its caller has, called by whoever may call it,
// with one absurd argument at a time: it is refused by name, or the log is as sound as before.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite struct FunctionArgumentTests {
    @Test func anAbsurdArgumentIsRefusedByNameOrHarmless() async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            let acme = try await RawErasures("acme")
            let id = try acme.open(subject: .random())
            try acme.fence(id, [acme.keys[0]])
            let superuser = try Database.superuser()
            let calls = try DefinerCall.all(superuser, acme.tenant, erasure: id)
            #expect(calls.count > 40)
            var tries = 0
            for call in calls {
                for (argument, statement) in call.statements {
                    let problem = try superuser.problem(statement, as: call.role)
                    #expect(problem == nil, "\(call.name), \(argument)")
                    tries += 1
                }
            }
            #expect(tries > 500)
        }
    }
}

/// A function that runs with the rights of its owner, and a role that may call it.
private struct DefinerCall {
    let name: String
    let role: String
    /// Names and types of the parameters.
    let parameters: [(name: String, type: String)]
    /// Values that make sense, by the parameters' names.
    let known: [String: String]

    static func all(
        _ superuser: Connection,
        _ tenant: TenantID,
        erasure: String
    ) throws -> [DefinerCall] {
        let known = [
            "p_slot": "1", "p_tenant": "'\(tenant.hex)'",
            "p_erasure": "'\(erasure)'", "p_request": "'\(erasure)'",
            "p_projection": "'documents'", "p_name": "'sums'", "p_provider": "'file'",
            "p_destroyed_at": "(extract(epoch FROM now()) * 1000000)::bigint",
            "p_backups_until": "(extract(epoch FROM now()) * 1000000)::bigint",
            "p_operator": "'\(erasure)'", "p_reason": "'T-1'", "p_ground": "'T-1'",
        ]
        let rows = try superuser.query(
            """
            SELECT p.proname::text, r.rolname::text,
                array_to_string(p.proargnames[:p.pronargs], ','),
                (SELECT string_agg(format_type(t, NULL), ',' ORDER BY o)
                    FROM unnest(p.proargtypes) WITH ORDINALITY a (t, o))
            FROM pg_proc p
            CROSS JOIN LATERAL (
                SELECT r.rolname FROM pg_roles r WHERE r.rolname IN (
                        'tally_writer', 'tally_operator', 'tally_executor', 'tally_projector',
                        'tally_reader', 'tally_auditor')
                    AND r.oid <> p.proowner AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
                ORDER BY 1 LIMIT 1) r
            WHERE p.pronamespace = 'tally'::regnamespace AND p.prosecdef AND p.pronargs > 0
            ORDER BY 1
            """
        )
        return try (0..<rows.count).map { row in
            let names = try rows.text(row, 2).split(separator: ",").map(String.init)
            let types = try rows.text(row, 3).split(separator: ",").map(String.init)
            return DefinerCall(
                name: try rows.text(row, 0),
                role: try rows.text(row, 1),
                parameters: zip(names, types).map { (name: $0, type: $1) },
                known: known
            )
        }
    }

    /// A call for each absurd value of each argument, beside arguments that make sense.
    var statements: [(argument: String, statement: String)] {
        parameters.indices.flatMap { index in
            Self.absurd(parameters[index].type).map { value in
                let arguments = parameters.enumerated().map { number, parameter in
                    let sound = known[parameter.name] ?? Self.sound(parameter.type)
                    return "\(number == index ? value : sound)::\(parameter.type)"
                }
                return (
                    "\(parameters[index].name) = \(value.prefix(60))",
                    "SELECT tally.\(name)(\(arguments.joined(separator: ", ")))"
                )
            }
        }
    }

    private static func sound(_ type: String) -> String {
        switch type {
        case "uuid": "gen_random_uuid()"
        case "bytea": "decode(repeat('01', 32), 'hex')"
        case "boolean": "true"
        case _ where type.hasSuffix("[]"): "ARRAY[\(sound(String(type.dropLast(2))))]"
        default: "'1'"
        }
    }

    private static func absurd(_ type: String) -> [String] {
        switch type {
        case "bigint": numbers + ["'9223372036854775807'", "'-9223372036854775808'"]
        case "integer": numbers + ["'2147483647'", "'-2147483648'"]
        case "smallint": numbers.dropLast() + ["'100'", "'32767'", "'-32768'"]
        case "uuid": ["NULL", "'00000000-0000-0000-0000-000000000000'", "gen_random_uuid()"]
        case "boolean": ["NULL"]
        case "text": texts
        case "bytea": ["NULL", "''", "'\\x00'", "decode(repeat('ff', 1000000), 'hex')"]
        case _ where type.hasSuffix("[]"):
            ["NULL", "'{}'", "'[0:0]={NULL}'"]
                + absurd(String(type.dropLast(2))).map { "ARRAY[\($0)]" }
        default: ["NULL"]
        }
    }

    private static let numbers = ["NULL", "'-1'", "'0'", "'1000000'"]
    private static let texts = [
        "NULL", "''", "'\"'", "'{}'", "'[]'", "'%s'", "E'\\x01'", "repeat('x', 100000)",
        #"'{"logged":true,"columns":[{"name":"a"}],"indexes":[]}'"#,
        #"'{"logged":true,"columns":[],"indexes":[[]]}'"#,
        #"'{"logged":1,"columns":{},"indexes":[]}'"#,
        #"'{"logged":true,"columns":[{"name":"tenant_id","type":"text","from":"$"}],"#
            + #""indexes":[]}'"#,
        #"'{"logged":true,"columns":[],"indexes":[["nobody"]]}'"#, "repeat('[', 100000)",
    ]
}

extension Connection {
    /// What is wrong after a call, which is undone: how it was refused, or what it did to the log.
    fileprivate func problem(_ statement: String, as role: String) throws -> String? {
        try execute("BEGIN; SET LOCAL ROLE \(role); SET LOCAL tally.slot = ''")
        defer { try? execute("ROLLBACK") }
        do throws(PostgresError) {
            _ = try query(statement)
        } catch {
            let isByName = error.sqlState?.hasPrefix("TL") ?? false
            return isByName ? nil : "\(error.sqlState ?? ""): \(error.message)"
        }
        try execute("RESET ROLE")
        let faults = try texts(
            """
            SELECT f.finding FROM tally.tenant t
            CROSS JOIN LATERAL tally.verify_range(t.slot, 0, 1000) f
            UNION ALL
            SELECT 'no JSON' FROM tally.event e WHERE e.stream IS NULL
                AND tally.json(convert_from(substr(e.body, 6), 'UTF8')) IS NULL
            UNION ALL
            SELECT 'a size' FROM tally.head h WHERE h.size <> (
                SELECT count(*) FROM tally.event e WHERE e.slot = h.slot)
            """
        )
        return faults.isEmpty ? nil : faults.joined(separator: ", ")
    }
}
