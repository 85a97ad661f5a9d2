// Operators with their keys in files, as openssl writes them.

import Foundation
import Testing

/// Two operators of the current ledger.
struct OperatorFiles {
    private let folder: URL
    /// The path of the first one's private key.
    let first: String
    /// The path of the second one's private key.
    let second: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        (first, second) = (folder.path + "/a.pem", folder.path + "/b.pem")
        for key in [first, second] {
            try Self.openssl("genpkey", "-algorithm", "ed25519", "-out", key)
            try Self.openssl("pkey", "-in", key, "-pubout", "-out", key + ".pub")
            let added = try TallyProcess.run(["operator", "add", "--public-key", key + ".pub"])
            #expect(added.status == 0, "\(added.errors)")
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private static func openssl(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
