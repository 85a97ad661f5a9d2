// Key files of several people, as openssl writes them.

import Foundation
import Testing

/// Private and public keys by people's names.
struct KeyFolder {
    private let folder: URL

    /// Makes a key on Ed25519 for each.
    init(_ names: String...) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        for name in names {
            try Self.openssl("genpkey", "-algorithm", "ed25519", "-out", path("\(name).pem"))
            try publish(name)
        }
    }

    /// The path of somebody's private key.
    func `private`(_ name: String) -> String { path("\(name).pem") }

    /// The path of somebody's public key.
    func `public`(_ name: String) -> String { path("\(name).pub") }

    /// The path of another file.
    func path(_ file: String) -> String { folder.appending(path: file).path }

    /// Makes a key on P-256, as passkeys have one.
    func addPasskey(_ name: String) throws {
        try Self.openssl(
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            path("\(name).pem")
        )
        try publish(name)
    }

    /// Signs bytes with somebody's key on P-256, ECDSA with SHA-256.
    func sign(_ bytes: [UInt8], as name: String) throws -> [UInt8] {
        try Data(bytes).write(to: URL(fileURLWithPath: path("message")))
        try Self.openssl(
            "dgst",
            "-sha256",
            "-sign",
            path("\(name).pem"),
            "-out",
            path("signature"),
            path("message")
        )
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path("signature"))))
    }

    /// Writes a file.
    func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(file)))
    }

    /// Removes all of it.
    func remove() { try? FileManager.default.removeItem(at: folder) }

    private func publish(_ name: String) throws {
        try Self.openssl("pkey", "-in", path("\(name).pem"), "-pubout", "-out", path("\(name).pub"))
    }

    private static func openssl(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(words)")
    }
}
