// The terminal and who may read from it: a shell's part, played for one child.

internal import Glibc
internal import TallyPostgres

/// The controlling terminal of this process.
struct JobTerminal {
    private let descriptor: OwnedDescriptor

    /// Opens the terminal, if this process has one.
    init?() {
        guard let opened = try? OwnedDescriptor.open("/dev/tty", flags: O_RDWR) else { return nil }
        descriptor = opened
    }

    /// The descriptor, to be used before a child's program begins.
    var raw: Int32 { descriptor.raw }

    /// Whether the terminal is this process's to give away.
    var isOurs: Bool { tcgetpgrp(descriptor.raw) == getpgrp() }

    /// Gives the terminal to a child's group; whether the system agreed.
    @discardableResult
    func give(to group: pid_t) -> Bool { tcsetpgrp(descriptor.raw, group) == 0 }

    /// Takes the terminal back from a child's group, or from one that is gone.
    ///
    /// Of another it is left alone: a shell has sent us to the background meanwhile.
    func takeBack(from group: pid_t) {
        let current = tcgetpgrp(descriptor.raw)
        guard current == group || kill(-current, 0) != 0 && errno == ESRCH else { return }
        _ = tcsetpgrp(descriptor.raw, getpgrp())
    }
}
