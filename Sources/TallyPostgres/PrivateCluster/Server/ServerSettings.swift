// The text of the configuration file that the cluster writes at every start.
// It is included last from postgresql.conf, so that the same rules hold for a start by hand.

import Glibc

/// The server settings of a private cluster, in the order in which they are written.
package struct ServerSettings: Sendable {
    /// The file in the data directory that holds these settings.
    package static let fileName = "tally.conf"

    // The cluster decides where the server listens; anything else would break its address, and
    // moving the data or the log would blind its checks.
    private static let owned: Set<String> = [
        "data_directory", "hba_file", "ident_file", "listen_addresses", "log_destination",
        "logging_collector", "port", "unix_socket_directories",
    ]

    // The log must not show payloads: neither parameters nor the details of an error.
    private static let always = [
        ("listen_addresses", ""),
        ("port", String(SocketDirectory.port)),
        ("log_destination", "stderr"),
        ("logging_collector", "off"),
        ("log_error_verbosity", "terse"),
        ("log_parameter_max_length", "0"),
        ("log_parameter_max_length_on_error", "0"),
        ("log_min_error_statement", "panic"),
        ("log_min_error_statement", "panic"),
        ("max_connections", "200"),
        ("shared_buffers", "256MB"),
        ("wal_level", "replica"),
        ("max_wal_size", "4GB"),
    ]

    private static let volatile = [("fsync", "off"), ("full_page_writes", "off")]

    private let lines: [String]

    /// Checks the caller's settings and puts them behind the fixed ones.
    package init(_ configuration: PrivateClusterConfiguration) throws(PrivateClusterError) {
        var lines = (Self.always + (configuration.durable ? [] : Self.volatile)).map(Self.line)
        for setting in configuration.settings.sorted(by: { $0.key < $1.key }) {
            try Self.check(setting.key, setting.value)
            lines.append(Self.line(setting.key, setting.value))
        }
        self.lines = lines
    }

    /// Returns the text of the file for a server that listens in `socketDirectory`.
    package func text(socketDirectory: String) -> String {
        let socket = Self.line("unix_socket_directories", socketDirectory)
        let banner = "# Written by tally at every start; changes here are lost."
        return ([banner, socket] + lines).joined(separator: "\n") + "\n"
    }

    /// Writes the file into the data directory as a file of the server's account.
    package func write(
        to dataDirectory: String,
        socketDirectory: String,
        account: ServerAccount
    ) throws(PrivateClusterError) {
        let path = "\(dataDirectory)/\(Self.fileName)"
        let file = try TextFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC)
        try account.own(file.descriptor, mode: 0o600)
        try file.write(text(socketDirectory: socketDirectory))
    }

    private static func line(_ name: String, _ value: String) -> String {
        let escaped = value.unicodeScalars.map { scalar in
            switch scalar {
            case "'": "''"
            case "\\": "\\\\"
            case "\n": "\\n"
            default: String(scalar)
            }
        }
        return "\(name) = '\(escaped.joined())'"
    }

    private static func check(_ name: String, _ value: String) throws(PrivateClusterError) {
        let problem: String? =
            if !isName(name) {
                "is not the name of a setting"
            } else if owned.contains(name.lowercased()) {
                "belongs to the private cluster"
            } else if value.unicodeScalars.contains(where: { $0 == "\0" || $0 == "\r" }) {
                "has a value with a control character"
            } else {
                nil
            }
        guard let problem else { return }
        throw PrivateClusterError(
            code: .invalidSetting,
            message: "The setting \"\(name)\" \(problem).",
            hint: "Remove it from the settings of the private cluster."
        )
    }

    private static func isName(_ name: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                letters ~= byte | 0x20 || digits ~= byte
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
    }
}
