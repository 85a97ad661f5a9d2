// Where the private cluster of a checkout lives unless the caller says otherwise.
// Separate from ClusterDirectory because it only names a path and touches nothing.

import Foundation
import Glibc

/// The place of a checkout's private cluster.
enum DefaultDirectory {
    private static let systemRoot = "/var/lib/tallystick"

    // A clone under /root is unreadable to the server's user, so root's data lives elsewhere.
    static func path(checkout: String, effectiveUser: uid_t = geteuid()) -> String {
        let canonical = canonicalPath(checkout)
        guard effectiveUser == 0 else { return "\(canonical)/.tally/postgres" }
        let digits = String(fingerprint(canonical), radix: 16)
        return "\(systemRoot)/\(String(repeating: "0", count: 16 - digits.count))\(digits)"
    }

    // FNV-1a with 64 bits: the same in every run and on every machine, unlike Swift's Hasher.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static func canonicalPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else {
            return URL(fileURLWithPath: path).standardizedFileURL.path
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
