// The second implementation of the format at work: docs/format/tally_verify.py, run on files that a
// test wrote.

internal import Foundation
package import TallyCore
package import TallyPostgres

/// What the Python verifier said.
package struct PythonVerifier: Sendable {
    /// 0 sound, 3 broken, 8 a check could not run or nobody has signed, 64 not such a file.
    package let status: Int32
    /// All that it printed.
    package let output: String

    /// Verifies a tenant's log as the tables have it.
    package init(log tenant: TenantID, on connection: Connection) throws {
        try self.init(
            "log",
            Array(Self.dump(tenant, connection).utf8),
            ["--allow-missing", "checkpoints,witnesses"]
        )
    }

    /// Verifies a certificate.
    package init(certificate: [UInt8]) throws {
        try self.init("certificate", certificate)
    }

    private init(_ command: String, _ content: [UInt8], _ options: [String] = []) throws {
        let scratch = try TestCluster.shared.get().scratch
        let file = "\(scratch)/\(EventID.random().hex)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data(content).write(to: URL(filePath: file))
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", Self.script, command, file] + options
        process.standardOutput = pipe
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        status = process.terminationStatus
        output = String(decoding: bytes, as: UTF8.self)
    }

    private static var script: String {
        URL(filePath: #filePath).pathComponents.dropLast(3).joined(separator: "/")
            + "/docs/format/tally_verify.py"
    }

    /// The names of a certificate's checks that do not pass, of lines such as `  keys  BROKEN
    /// why`.
    package var failingChecks: [String] {
        output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count > 1 && words[1] == "BROKEN" ? String(words[0]) : nil
        }
    }

    private static func dump(_ tenant: TenantID, _ connection: Connection) throws -> String {
        try connection.query(
            """
            WITH lines AS (
                SELECT -1 AS position, json_build_object(
                    'ledger_id', encode(uuid_send(l.ledger_id), 'hex'),
                    'tenant', encode(uuid_send(t.tenant_id), 'hex'), 'slot', t.slot,
                    'size', h.size, 'last_leaf_hash', encode(h.last_leaf_hash, 'hex'))::text AS line
                FROM tally.ledger l, tally.tenant t JOIN tally.head h USING (slot)
                WHERE t.tenant_id = $1
                UNION ALL
                SELECT position, json_build_object('position', position,
                    'leaf', encode(leaf, 'hex'), 'body', encode(body, 'hex'))::text
                FROM tally.event JOIN tally.tenant t USING (slot) WHERE t.tenant_id = $1
            )
            SELECT string_agg(line, E'\\n' ORDER BY position) FROM lines
            """,
            [.uuid(tenant.bytes)]
        ).text(0, 0)
    }
}
