// Key files as `openssl` writes them, read over and over: a reader that kept a pointer to an
// earlier text would fail here in an optimised build.

import Foundation
import TallyCrypto
import Testing

/// Files that operators make with OpenSSL's own command.
@Suite struct KeyFileTests {
    private static let rounds = 200

    @Test("keys made by openssl genpkey are read again and again, and belong together")
    func readsAgain() throws {
        let pairs = try (0..<3).map { _ in try OpenSSLKeyPair() }
        for _ in 0..<Self.rounds {
            for pair in pairs {
                let key = try Ed25519PrivateKey(pem: pair.privatePEM)
                let publicKey = try Ed25519PublicKey(pem: pair.publicPEM)
                #expect(try key.publicKey == publicKey)
                #expect(try publicKey.verifies(key.sign([1, 2, 3]), of: [1, 2, 3]))
            }
        }
    }

    @Test("what stands around a key does not matter, what is no key does")
    func surroundings() throws {
        let pair = try OpenSSLKeyPair()
        let comment = Array("a note before the key\n".utf8)
        #expect(throws: Never.self) { _ = try Ed25519PrivateKey(pem: comment + pair.privatePEM) }
        #expect(throws: CryptoError(.keyFile)) {
            _ = try Ed25519PrivateKey(pem: Array(pair.privatePEM.dropLast(30)))
        }
        #expect(throws: CryptoError(.keyFile)) { _ = try Ed25519PublicKey(pem: pair.privatePEM) }
    }

    @Test("keys of other kinds and encrypted ones are refused, and nothing is asked")
    func otherKinds() throws {
        let others = [
            ["genpkey", "-algorithm", "ed448"], ["genpkey", "-algorithm", "x25519"],
            ["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:secret"],
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        ]
        for arguments in others {
            let text = try OpenSSLKeyPair.openssl(arguments)
            #expect(throws: CryptoError(.keyFile)) { _ = try Ed25519PrivateKey(pem: text) }
        }
    }
}

/// A private and a public key in PEM form, made by the command.
struct OpenSSLKeyPair {
    let privatePEM: [UInt8]
    let publicPEM: [UInt8]

    init() throws {
        privatePEM = try Self.openssl(["genpkey", "-algorithm", "ed25519"])
        publicPEM = try Self.openssl(["pkey", "-pubout"], input: privatePEM)
    }

    /// Runs `openssl` to its end; gives what it wrote.
    static func openssl(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let (source, sink) = (Pipe(), Pipe())
        process.standardInput = source
        process.standardOutput = sink
        process.standardError = FileHandle.nullDevice
        try process.run()
        try source.fileHandleForWriting.write(contentsOf: input)
        try source.fileHandleForWriting.close()
        let output = try sink.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return [UInt8](output)
    }
}
