// Starting a program in its own session, with nothing of ours inherited but what is passed.
// All of PostgreSQL's tools and the supervisor are started here, never through a terminal.

package import Glibc
import Synchronization

/// A child process in a session of its own, waited for with a bound.
package final class ChildProcess: Sendable {
    /// The status, beyond any real one, of a child that something else has collected.
    package static let lostStatus: Int32 = 256

    /// The process id, which is also the id of its session and process group.
    package let pid: pid_t

    private let status = Mutex<Int32?>(nil)

    /// Starts a program whose descriptors 0, 1, 2… are exactly the given ones.
    ///
    /// A missing descriptor reads and writes `/dev/null`. The first argument is the absolute path
    /// of the program.
    package init(
        _ arguments: [String],
        environment: [String: String],
        descriptors: [OwnedDescriptor?]
    ) throws(PrivateClusterError) {
        var attributes = SpawnAttributes(descriptors: descriptors)
        defer { attributes.destroy() }
        let argv = CStringArray(arguments)
        let envp = CStringArray(environment.map { "\($0.key)=\($0.value)" }.sorted())
        defer {
            argv.free()
            envp.free()
        }
        var child: pid_t = 0
        errno = posix_spawn(
            &child,
            arguments[0],
            &attributes.actions,
            &attributes.attributes,
            argv.pointers,
            envp.pointers
        )
        guard errno == 0 else { throw .system("start \(arguments[0])") }
        pid = child
    }

    /// Waits for the exit and returns its status, or nil when `limit` has passed before.
    ///
    /// A child that died of a signal has status 128 + signal, as in the shell.
    package func wait(atMost limit: Duration) -> Int32? {
        _ = BoundedWait.holds(within: limit) { exitStatus() != nil }
        return exitStatus()
    }

    /// Returns the status if the child has exited, and nil while it is running.
    package func exitStatus() -> Int32? {
        status.withLock { known in
            if known == nil { known = Self.collect(pid) }
            return known
        }
    }

    /// Ends the child and its whole process group with SIGKILL, and collects it.
    package func killGroup() {
        guard exitStatus() == nil else { return }
        kill(-pid, SIGKILL)
        _ = wait(atMost: PrivateClusterLimits.orphanExit)
    }

    private static func collect(_ pid: pid_t) -> Int32? {
        var word: Int32 = 0
        let result = waitpid(pid, &word, WNOHANG)
        if result == pid { return word & 0x7f == 0 ? (word >> 8) & 0xff : 128 + (word & 0x7f) }
        return result < 0 && errno == ECHILD ? lostStatus : nil
    }
}
