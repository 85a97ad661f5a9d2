// What the kernel says about a process by its id: its name, and whether it is more than a zombie.
// kill(pid, 0) is not enough: in a container nobody may collect the dead.

import Foundation
package import Glibc

/// The name and state of an existing process.
package struct ProcessStatus: Sendable {
    /// The name of the program, at most 15 bytes of it.
    package let name: String

    /// Whether the process runs, rather than waiting to be collected after its death.
    package let isAlive: Bool

    /// Reads the status of a process, or nil if there is none with this id.
    package init?(of pid: pid_t) {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        name = String(text[text.index(after: open)..<close])
        let state = text[close...].dropFirst(2).first
        isAlive = state != "Z" && state != "X"
    }
}
