// Signals as things to be read, one after the other: a handler may do next to nothing, so it writes
// the signal's number into a socket pair, and the thread that waits for the child reads it there.

internal import Glibc
internal import TallyPostgres

/// The end that handlers write to; one ``JobSignals`` at a time sets it.
// nonisolated(unsafe): a handler can take no lock. It is set before the handlers are, and cleared
// after those that were there before are back.
private nonisolated(unsafe) var wakeEnd: Int32 = -1

/// The signals of this process while it waits for something else to end.
final class JobSignals {
    private let reading: OwnedDescriptor
    private let writing: OwnedDescriptor
    private var before: [(signal: Int32, handler: __sighandler_t?)] = []

    /// Takes over signals until this object goes away.
    ///
    /// One that is ignored already, as `nohup` does with SIGHUP, stays ignored.
    init(_ signals: [Int32], ignoring ignored: [Int32] = []) throws(PrivateClusterError) {
        (reading, writing) = try OwnedDescriptor.pair()
        for end in [reading, writing] { _ = fcntl(end.raw, F_SETFL, O_NONBLOCK) }
        wakeEnd = writing.raw
        for number in signals where keep(number) { watch(number) }
        for number in ignored where keep(number) { ignore(number) }
    }

    deinit {
        for (number, handler) in before { _ = signal(number, handler) }
        wakeEnd = -1
    }

    /// The next signal, or `nil` when none came within `limit`.
    func next(within limit: Duration) -> Int32? {
        var socket = pollfd(fd: reading.raw, events: Int16(POLLIN), revents: 0)
        _ = poll(&socket, 1, Int32(limit / .milliseconds(1)))
        var number: UInt8 = 0
        return read(reading.raw, &number, 1) == 1 ? Int32(number) : nil
    }

    /// Reads a signal from here on.
    func watch(_ number: Int32) { _ = signal(number) { JobSignals.note($0) } }

    /// Gives a signal its usual effect for a while.
    func leave(_ number: Int32) { _ = signal(number, SIG_DFL) }

    /// Runs `body` while a signal that is ignored otherwise has its usual effect, also where the
    /// runtime blocks signals on this thread.
    func leaving<Value>(_ number: Int32, _ body: () -> Value) -> Value {
        var (open, former) = (sigset_t(), sigset_t())
        sigemptyset(&open)
        sigaddset(&open, number)
        pthread_sigmask(SIG_UNBLOCK, &open, &former)
        leave(number)
        defer {
            ignore(number)
            pthread_sigmask(SIG_SETMASK, &former, nil)
        }
        return body()
    }

    private func ignore(_ number: Int32) { _ = signal(number, SIG_IGN) }

    /// Remembers what a signal did before; gives whether it may be changed.
    private func keep(_ number: Int32) -> Bool {
        let former = signal(number, SIG_DFL)
        let isIgnored = unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        before.append((number, former))
        guard isIgnored, number != SIGCHLD else { return true }
        ignore(number)
        return false
    }

    /// All that a handler does.
    ///
    /// The descriptor does not block: where it is full, a look is due anyway.
    private static func note(_ number: Int32) {
        let kept = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(wakeEnd, &byte, 1)
        errno = kept
    }
}
