// The server's process and the shell that ends it when we are gone, and removes its files: it
// reads from a lifeline whose other end only we hold.

internal import Foundation
internal import Glibc
internal import TallyPostgres

/// A development server on a port that was free.
struct OpenBaoProcess: Sendable {
    let address: String
    /// Where the server's log is, and files that go with it.
    let directory: String
    private let supervisor: ChildProcess
    private let lifeline: OwnedDescriptor

    private static let script = """
        trap : HUP INT QUIT TERM
        "$@" >"$HOME/log" 2>&1 &
        (trap '' HUP INT QUIT TERM; exec cat >/dev/null)
        kill "$!"
        wait "$!"
        rm -rf "$HOME"
        """

    /// Starts the server in a new directory of its own.
    init(binary: String, token: String) throws {
        let directory = NSTemporaryDirectory() + "tally-openbao-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let place = "127.0.0.1:\(try Self.freePort())"
        let ends = try OwnedDescriptor.pair()
        supervisor = try ChildProcess(
            ["/bin/sh", "-c", Self.script, "tally-openbao-supervisor", binary, "server", "-dev"]
                + ["-dev-no-store-token", "-dev-listen-address=\(place)"],
            environment: [
                "HOME": directory, "PATH": "/usr/bin:/bin", "BAO_DEV_ROOT_TOKEN_ID": token,
            ],
            descriptors: [ends.1]
        )
        ends.1.close()
        lifeline = ends.0
        address = "http://\(place)"
        self.directory = directory
        let isReady = BoundedWait.holds(within: .seconds(60)) {
            log.contains("OpenBao server started!") || log.contains("Error initializing")
        }
        guard isReady, !log.contains("Error initializing") else {
            let text = log
            stop()
            throw OpenBaoFailure(text: "OpenBao does not start: \(text)")
        }
    }

    /// Stops the server and removes its directory.
    func stop() {
        lifeline.close()
        _ = supervisor.wait(atMost: .seconds(20))
        supervisor.killGroup()
    }

    private var log: String {
        (try? String(contentsOf: URL(filePath: "\(directory)/log"), encoding: .utf8)) ?? ""
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 ? getsockname(descriptor, address, &size) : -1
            }
        }
        guard status == 0 else { throw OpenBaoFailure(text: "there is no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
