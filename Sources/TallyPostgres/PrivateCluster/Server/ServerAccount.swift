// Who the server runs as: PostgreSQL refuses to run as root.
// As root that is the user postgres of the system's package, otherwise the current user.

package import Glibc

/// The operating system user that owns the data and runs every server process.
package struct ServerAccount: Sendable {
    /// The user that PostgreSQL's packages create.
    package static let packagedUser = "postgres"

    /// The numeric user.
    package let uid: uid_t

    /// The numeric primary group of the user.
    package let gid: gid_t

    /// What has to stand before a command so that it runs as this user, from the root folder.
    // PostgreSQL's tools fail in a current folder that their user cannot read.
    package let commandPrefix: [String]

    /// Finds the account for a process of the given effective user.
    package static func find(
        effectiveUser: uid_t = geteuid(),
        packagedUser: String = packagedUser
    ) throws(PrivateClusterError) -> ServerAccount {
        let prefix = ["/usr/bin/env", "--chdir=/"]
        guard effectiveUser == 0 else {
            return ServerAccount(uid: effectiveUser, gid: getegid(), commandPrefix: prefix)
        }
        guard let (uid, gid) = lookUp(packagedUser), uid != 0 else { throw missing(packagedUser) }
        let drop = ["/usr/bin/setpriv", "--reuid=\(uid)", "--regid=\(gid)", "--init-groups"]
        return ServerAccount(uid: uid, gid: gid, commandPrefix: prefix + drop)
    }

    /// Gives a folder of a privileged parent to this account.
    package func own(folder path: String, mode: mode_t) throws(PrivateClusterError) {
        try own(try OwnedDescriptor.open(path, flags: O_RDONLY | O_DIRECTORY), mode: mode)
    }

    /// Gives an open file of a privileged parent to this account.
    // By descriptor: the account could replace a name in its folder with a link to anything.
    package func own(_ file: OwnedDescriptor, mode: mode_t) throws(PrivateClusterError) {
        guard fchown(file.raw, uid, gid) == 0 else { throw .system("give files to user \(uid)") }
        guard fchmod(file.raw, mode) == 0 else { throw .system("set the permissions of files") }
    }

    private static func lookUp(_ name: String) -> (uid_t, gid_t)? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return nil
        }
        return (entry.pw_uid, entry.pw_gid)
    }

    private static func missing(_ name: String) -> PrivateClusterError {
        PrivateClusterError(
            code: .serverUserMissing,
            message: "PostgreSQL does not run as root, and there is no user \(name) to run it as.",
            hint: "Run as an unprivileged user, or create the user: apt-get install postgresql"
        )
    }
}
