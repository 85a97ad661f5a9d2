// A file descriptor with one owner, never inherited by a child by accident.
// Locks, output files and the supervisor's lifeline are held through it.

internal import Glibc
import Synchronization

/// A file descriptor that closes itself once, at the latest when its owner goes away.
package final class OwnedDescriptor: Sendable {
    // Above the standard streams, so that wiring a child's streams can never overwrite it.
    private static let lowest: Int32 = 16

    private let number: Atomic<Int32>

    /// The descriptor's number, or -1 once it is closed.
    package var raw: Int32 { number.load(ordering: .acquiring) }

    private init(moving descriptor: Int32) throws(PrivateClusterError) {
        let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, Self.lowest)
        guard moved >= 0 else {
            let error = PrivateClusterError.system("duplicate a file descriptor")
            Glibc.close(descriptor)
            throw error
        }
        Glibc.close(descriptor)
        number = Atomic(moved)
    }

    deinit { close() }

    /// Opens a file; a symbolic link in its place is refused.
    package static func open(
        _ path: String,
        flags: Int32,
        mode: UInt32 = 0o600
    ) throws(PrivateClusterError) -> OwnedDescriptor {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .system("open \(path)") }
        return try OwnedDescriptor(moving: descriptor)
    }

    /// Makes a connected pair: when one end is closed everywhere, the other reads end of file.
    // A socket pair rather than a pipe, because it can be created close-on-exec atomically with
    // what Swift sees of the C library; another thread may be spawning a child at any moment.
    package static func pair() throws(PrivateClusterError) -> (OwnedDescriptor, OwnedDescriptor) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .system("make a socket pair") }
        return (try OwnedDescriptor(moving: ends[0]), try OwnedDescriptor(moving: ends[1]))
    }

    /// Closes the descriptor now; later calls do nothing.
    package func close() {
        let descriptor = number.exchange(-1, ordering: .acquiringAndReleasing)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }
}
