// Files with keys, PINs and tokens are opened without following links, and used only if they are
// ours alone: who may write beside them must not choose what is read, filled or cut here.

internal import Glibc
internal import TallyCore

/// Opens files that belong to us and to nobody else.
enum KeyFile {
    /// What is asked of a file.
    enum Demand {
        /// It is a regular file of ours.
        case own
        /// Also, nobody else may read or write it.
        case secret
    }

    /// Opens a file of ours; `nil` when there is none.
    ///
    /// - Parameters:
    ///   - name: its name in `directory`, or its path.
    ///   - directory: an open directory; the current one if none is given.
    ///   - path: how errors call it.
    ///   - flags: how it is opened; it is never created.
    ///   - demand: what it has to be.
    /// - Returns: a descriptor, which the caller closes.
    /// - Throws: `provider` for a link, a pipe, or a file that others own or may use.
    static func open(
        _ name: String,
        in directory: Int32 = AT_FDCWD,
        path: String,
        _ flags: Int32,
        demand: Demand = .secret
    ) throws(VaultError) -> Int32? {
        // A pipe would make the call wait for whoever opens its other end.
        let always = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let descriptor = openat(directory, name, flags | always)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw link(path)
            case ENXIO, EISDIR: throw irregular(path)
            default: throw DurableFile.failure("open", path)
            }
        }
        do throws(VaultError) {
            try require(status(descriptor, path), path, demand)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// What the system says of an open file.
    static func status(_ descriptor: Int32, _ path: String) throws(VaultError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DurableFile.failure("examine", path) }
        return status
    }

    /// Whether a file or directory belongs to us, or to root, who could read it anyway.
    static func isOwn(_ status: stat) -> Bool {
        status.st_uid == geteuid() || status.st_uid == 0
    }

    /// Who owns a file or directory that is not ours.
    static func stranger(_ path: String, _ owner: uid_t) -> VaultError {
        VaultError(
            .provider,
            "\(path) belongs to the user \(owner), and this process runs as \(geteuid())",
            hint: "run it as the user whom the service runs as, or give the file to that user"
        )
    }

    private static func require(
        _ status: stat,
        _ path: String,
        _ demand: Demand
    ) throws(VaultError) {
        guard status.st_mode & S_IFMT == S_IFREG else { throw irregular(path) }
        guard isOwn(status) else { throw stranger(path, status.st_uid) }
        guard demand == .own || status.st_mode & 0o077 == 0 else {
            throw VaultError(
                .provider,
                "\(path) can be used by others (mode \(String(status.st_mode & 0o777, radix: 8)))",
                hint: "chmod 600 it, and ask who has read it"
            )
        }
    }

    private static func link(_ path: String) -> VaultError {
        VaultError(
            .provider,
            "\(path) is a symbolic link, and links to keys are not followed",
            hint: "find out who put it there; the file itself must be in its place"
        )
    }

    private static func irregular(_ path: String) -> VaultError {
        VaultError(
            .provider,
            "\(path) is not a regular file",
            hint: "find out who put it there, and move it away"
        )
    }
}
