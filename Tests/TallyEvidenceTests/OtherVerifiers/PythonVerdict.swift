// What docs/format/tally_verify.py says of a specimen's log, by the names and places of its
// findings.

import TallyCore
import TallyTesting
import Tallystick

/// What the Python verifier found in acme's log.
struct PythonVerdict {
    /// 0 intact, 3 broken.
    let status: Int32
    let output: String

    /// Dumps the log and runs the verifier over it.
    init(_ specimen: Specimen) throws {
        let verifier = try PythonVerifier(log: specimen.acme.id, on: specimen.attacker)
        status = verifier.status
        output = verifier.output
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
}
