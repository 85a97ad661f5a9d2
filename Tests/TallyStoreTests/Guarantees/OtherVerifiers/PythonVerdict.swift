// The second implementation at work: a tenant's log as a dump, and what docs/format/tally_verify.py
// says of it.

import Foundation
import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick

/// What the Python verifier found in acme's log.
struct PythonVerdict {
    /// 0 intact, 3 broken.
    let status: Int32
    let output: String

    /// Dumps the log and runs the verifier over it.
    init(_ specimen: Specimen) throws {
        let scratch = try TestCluster.shared.get().scratch
        let file = "\(scratch)/\(EventID.random().hex).jsonl"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Self.dump(specimen).write(toFile: file, atomically: false, encoding: .utf8)
        let script =
            URL(filePath: #filePath).pathComponents.dropLast(5).joined(separator: "/")
            + "/docs/format/tally_verify.py"
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-B", script, "log", file, "--allow-missing", "checkpoints,witnesses",
        ]
        process.standardOutput = pipe
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        status = process.terminationStatus
        output = String(decoding: bytes, as: UTF8.self)
    }

    /// The findings of lines such as `altered leaf: event 22: reason`.
    var findings: [Named] {
        output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ": ")
            guard fields.count > 1, let name = Finding.Name(rawValue: String(fields[0])) else {
                return nil
            }
            return Named(name, fields[1].split(separator: " ").last.flatMap { Int($0) })
        }
    }

    private static func dump(_ specimen: Specimen) throws -> String {
        try specimen.attacker.query(
            """
            WITH lines AS (
                SELECT -1 AS position, json_build_object(
                    'ledger_id', encode(uuid_send(l.ledger_id), 'hex'),
                    'tenant', encode(uuid_send(t.tenant_id), 'hex'), 'slot', t.slot,
                    'size', h.size, 'last_leaf_hash', encode(h.last_leaf_hash, 'hex'))::text AS line
                FROM tally.ledger l, tally.tenant t JOIN tally.head h USING (tenant_id)
                WHERE t.tenant_id = $1
                UNION ALL
                SELECT position, json_build_object('position', position,
                    'leaf', encode(leaf, 'hex'), 'body', encode(body, 'hex'))::text
                FROM tally.event WHERE tenant_id = $1
            )
            SELECT string_agg(line, E'\\n' ORDER BY position) FROM lines
            """,
            [.uuid(specimen.acme.id.bytes)]
        ).text(0, 0)
    }
}
