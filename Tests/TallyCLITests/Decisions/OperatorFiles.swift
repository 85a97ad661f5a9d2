// Operators with their keys in files, as openssl writes them.

import Testing

/// Two operators of the current ledger.
struct OperatorFiles {
    private let keys: KeyFolder
    /// The path of the first one's private key.
    var first: String { keys.private("a") }
    /// The path of the second one's private key.
    var second: String { keys.private("b") }

    init() throws {
        keys = try KeyFolder("a", "b")
        for name in ["a", "b"] {
            let added = try TallyProcess.run(["operator", "add", "--public-key", keys.public(name)])
            #expect(added.status == 0, "\(added.errors)")
        }
    }

    func remove() { keys.remove() }
}
