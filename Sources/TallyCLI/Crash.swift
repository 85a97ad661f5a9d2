// What a crash leaves behind: nothing. Swift's backtracer prints memory around the fault, and a
// core file is all of it; keys and people's data may be in there.

internal import Glibc

/// Keeps memory out of the reports of crashes.
enum Crash {
    /// The signals that Swift's backtracer catches.
    private static let signals = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]

    /// Turns the backtracer off, whatever `SWIFT_BACKTRACE` says, and core files with it.
    static func keepSilent() {
        for number in signals { signal(number, SIG_DFL) }
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else { return }
        // Only this process's own limit: a shell under `tally dev` may raise it again.
        limit.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }
}
