// The outputs of this process, and what becomes of a command whose output fails: it goes on to its
// end, so that no work depends on who listens, and the exit code says that something was not heard.

internal import Foundation
internal import Synchronization

/// Standard output or standard error.
final class Outlet: Sendable {
    /// An output that could not be written (EX_IOERR of sysexits.h).
    static let failed: Int32 = 74
    /// Nobody reads the output any more: what a shell shows for SIGPIPE.
    static let unread: Int32 = 141

    static let page = Outlet(STDOUT_FILENO, "standard output")
    static let talk = Outlet(STDERR_FILENO, "standard error")

    private let descriptor: Int32
    private let name: String
    /// The error of the first write that failed; nothing is written after it.
    private let failure = Mutex<Int32?>(nil)

    private init(_ descriptor: Int32, _ name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Lets writes fail instead of ending the process, and keeps 0, 1 and 2 from becoming something
    /// else where the caller closed them; to be called before anything is opened.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY)] + [
            (STDERR_FILENO, O_RDONLY)
        ] where fcntl(number, F_GETFD) < 0 {
            // The lowest free number is this one; the wrong mode makes every use fail with EBADF.
            _ = open("/dev/null", mode)
        }
    }

    /// Writes the whole text, unless a write has failed before; never mixed with another thread's.
    func write(_ text: String) {
        failure.withLock { failure in
            if failure == nil { failure = put(text) }
        }
    }

    /// Writes what nobody needs; its failure is nobody's either.
    func flicker(_ text: String) {
        failure.withLock { failure in
            if failure == nil { _ = put(text) }
        }
    }

    /// The exit code of a command that would end with `code`: its own if it has failed, else what
    /// became of the outputs.
    ///
    /// Says on the other output which one failed and why.
    static func exitCode(_ code: Int32) -> Int32 {
        let faults = [page.end(), talk.end()].compactMap(\.self)
        guard code == 0, let worst = faults.max(by: { $0 == EPIPE && $1 != EPIPE }) else {
            return code
        }
        return worst == EPIPE ? unread : failed
    }

    /// Ends the process as SIGPIPE would, once nobody reads this output any more.
    ///
    /// For commands that only read and may wait for long; a file and a terminal are never unread.
    func exitWhenUnread() {
        let descriptor = descriptor
        Thread.detachNewThread {
            var output = pollfd(fd: descriptor, events: 0, revents: 0)
            while output.revents & Int16(POLLERR) == 0 {
                guard poll(&output, 1, -1) >= 0 || errno == EINTR else { return }
                guard output.revents & Int16(POLLNVAL) == 0 else { return }
            }
            Foundation.exit(Self.unread)
        }
    }

    /// Closes the output, since some systems tell only then that it is not stored.
    private func end() -> Int32? {
        let fault = failure.withLock { failure in
            if close(descriptor) != 0, failure == nil, errno != EBADF { failure = errno }
            return failure
        }
        if let fault, fault != EPIPE, self === Self.page {
            let reason = String(cString: strerror(fault))
            Self.talk.write(
                "error: \(name) cannot be written: \(reason); what was done stays done\n"
            )
        }
        return fault
    }

    /// Writes all bytes; gives the error that kept it from that.
    private func put(_ text: String) -> Int32? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            switch (count, errno) {
            case (0..., _): rest = rest.dropFirst(count)
            case (_, EINTR): continue
            case (_, EAGAIN):
                var output = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&output, 1, -1)
            case (_, let error): return error
            }
        }
        return nil
    }
}
