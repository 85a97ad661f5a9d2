// The short private folder of the server's unix socket.
// Apart from the data, because a socket's path is limited to 107 bytes.

import Glibc

/// A folder for the socket that only the server's account and root may enter.
package struct SocketDirectory: Sendable {
    /// The port number, which only names the socket file: the server listens on no network.
    package static let port = 5432

    private static let socketName = ".s.PGSQL.\(port)"

    /// The path of the folder.
    package let path: String

    /// Creates a new folder under `parent` and gives it to the server's account.
    package static func create(
        under parent: String = "/tmp",
        account: ServerAccount
    ) throws(PrivateClusterError) -> SocketDirectory {
        let template = "\(parent)/tally-XXXXXX"
        try checkLength("\(template)/\(socketName)")
        var characters = template.utf8CString.map { $0 }
        guard mkdtemp(&characters) != nil else { throw .system("create \(template)") }
        let bytes = characters.dropLast().map { UInt8(bitPattern: $0) }
        let directory = SocketDirectory(path: String(decoding: bytes, as: UTF8.self))
        try account.own(folder: directory.path, mode: 0o700)
        return directory
    }

    /// Removes the folder and what a killed server left in it.
    package func remove() {
        unlink("\(path)/\(Self.socketName)")
        unlink("\(path)/\(Self.socketName).lock")
        rmdir(path)
    }

    private static func checkLength(_ socket: String) throws(PrivateClusterError) {
        let limit = PrivateClusterLimits.socketPathBytes
        guard socket.utf8.count > limit else { return }
        throw PrivateClusterError(
            code: .unsupportedPath,
            message: "The socket \(socket) has \(socket.utf8.count) bytes; the limit is \(limit).",
            hint: "Use a shorter folder for sockets."
        )
    }
}
