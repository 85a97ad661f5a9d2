// A hardware security module in software, for tests: SoftHSM2 with its tokens in a directory that
// goes with the process.

internal import Foundation
internal import TallyPostgres

/// Two tokens of SoftHSM2.
package struct SoftHSM: Sendable {
    /// The tokens that all tests of a process share.
    package static let shared = Result {
        let module = try SoftHSM()
        // The library reads this once, when it is first used.
        setenv(variable, module.configuration, 1)
        atexit { SoftHSM.removeShared() }
        return module
    }

    /// The labels of the tokens; a process that signed in to one is signed in for all its threads.
    package static let labels = ["tally tests", "tally other"]

    /// The variable that names the library's configuration.
    package static let variable = "SOFTHSM2_CONF"

    /// The library.
    package let modulePath: String
    /// The library's configuration, for ``variable``.
    package let configuration: String
    /// The PIN of the tokens' users.
    package let pin = "SECRET-\(UInt32.random(in: 100_000 ... .max))"
    private let scratch: String

    private init() throws {
        scratch = NSTemporaryDirectory() + "tally-softhsm-\(UUID().uuidString.prefix(8))"
        configuration = "\(scratch)/softhsm2.conf"
        let files = FileManager.default
        try files.createDirectory(atPath: "\(scratch)/tokens", withIntermediateDirectories: true)
        try Data("directories.tokendir = \(scratch)/tokens\nlog.level = ERROR\n".utf8)
            .write(to: URL(filePath: configuration))
        let places = ["/usr/lib/softhsm", "/usr/lib64/pkcs11", "/usr/lib64/softhsm"]
            .map { "\($0)/libsofthsm2.so" }
        let tool = "/usr/bin/softhsm2-util"
        guard let found = places.first(where: files.fileExists), files.fileExists(atPath: tool)
        else { throw SoftHSMFailure(text: "there is no SoftHSM2; run: .ci/prepare tests") }
        modulePath = found
        for label in Self.labels {
            let result = try CommandResult.run(
                [tool, "--init-token", "--free", "--label", label, "--so-pin", pin, "--pin", pin],
                environment: [Self.variable: configuration],
                atMost: .seconds(60)
            )
            guard result.status == 0 else { throw SoftHSMFailure(text: result.output) }
        }
    }

    /// A new file with the PIN, or another one.
    package func pinFile(_ pin: String? = nil) throws -> String {
        let path = "\(scratch)/pin-\(UUID().uuidString)"
        try Data("\(pin ?? self.pin)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    private static func removeShared() {
        guard let module = try? shared.get() else { return }
        try? FileManager.default.removeItem(atPath: module.scratch)
    }
}

private struct SoftHSMFailure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
