// Whether what opens everything is ours alone: directories and files of KEKs and journals, and the
// file with the token or PIN that leads to them.

internal import Glibc

/// Looks at owners and modes.
struct PermissionCheck {
    private let configuration: LedgerConfiguration

    init(_ configuration: LedgerConfiguration) {
        self.configuration = configuration
    }

    func findings() -> [DoctorFinding] {
        let journal = directory("key journal: permissions", configuration.keyJournal)
        switch configuration.keks {
        case .files(let path): return [journal, directory("KEKs: permissions", path)]
        case .openBao(_, _, let token): return [journal, secret("KEKs: token file", token)]
        case .pkcs11(_, _, let pin): return [journal, secret("KEKs: PIN file", pin)]
        }
    }

    /// A directory and the files in it.
    private func directory(_ topic: String, _ path: String) -> DoctorFinding {
        var status = stat()
        guard stat(path, &status) == 0, let names = Self.names(path) else {
            return DoctorFinding(
                topic,
                .unknown,
                "\(path) cannot be read",
                do: "run it as the user whom the service runs as"
            )
        }
        var faults: [String] = []
        if status.st_mode & 0o077 != 0 { faults.append("others can enter \(path)") }
        if let owner = Self.stranger(status) { faults.append("\(path) belongs to user \(owner)") }
        faults += names.compactMap { Self.fault("\(path)/\($0)") }
        return finding(topic, faults, "chmod 700 \(path), and 600 what is in it")
    }

    private func secret(_ topic: String, _ path: String) -> DoctorFinding {
        finding(topic, [Self.fault(path)].compactMap(\.self), "chmod 600 \(path)")
    }

    private func finding(_ topic: String, _ faults: [String], _ advice: String) -> DoctorFinding {
        guard let first = faults.first else {
            return DoctorFinding(topic, .good, "the owner's alone")
        }
        let more = faults.count > 1 ? ", and \(faults.count - 1) more" : ""
        return DoctorFinding(
            topic,
            .failing,
            first + more,
            do: "\(advice); find out who could read or change it since"
        )
    }

    /// What is wrong with a file; `nil` when it is a regular file of ours alone.
    private static func fault(_ path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return errno == ENOENT ? "there is no \(path)" : "\(path) cannot be examined"
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return "\(path) is no regular file" }
        if let owner = stranger(status) { return "\(path) belongs to user \(owner)" }
        let mode = status.st_mode & 0o777
        return mode & 0o077 == 0 ? nil : "others can use \(path) (mode \(String(mode, radix: 8)))"
    }

    /// The owner, if it is neither we nor root.
    private static func stranger(_ status: stat) -> uid_t? {
        [geteuid(), 0].contains(status.st_uid) ? nil : status.st_uid
    }

    private static func names(_ path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
