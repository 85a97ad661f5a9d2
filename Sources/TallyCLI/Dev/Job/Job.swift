// One child, waited for as a shell does: the terminal is the child's while it runs, it is stopped
// and continued together with us, and what it leaves behind ends with it.

internal import Glibc
internal import TallyCore
internal import TallyPostgres
internal import Tallystick

/// A running child of `tally dev`, in a process group of its own.
final class Job {
    private let pid: pid_t
    private let terminal: JobTerminal?
    private let signals: JobSignals
    private var isStopped = false
    private var deadline: ContinuousClock.Instant?

    /// Starts a command; on a terminal in the foreground.
    ///
    /// - Throws: ``ExitStatus`` 126 when the system refuses, after it has said why.
    private init(_ command: JobCommand, environment: [String: String]) throws {
        signals = try JobSignals(
            [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGCHLD],
            ignoring: [SIGTTOU]
        )
        terminal = JobTerminal()
        // In a pipeline the terminal stays with those who read it, until the child asks for it.
        let isInteractive = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        let given = isInteractive && terminal?.isOurs == true ? terminal : nil
        var spawn = JobSpawn(terminal: given)
        defer { spawn.destroy() }
        switch spawn.start(command, environment: environment) {
        case .success(let child): pid = child
        case .failure(let error):
            given?.takeBack(from: getpgrp())
            Failure.show(
                Problem(
                    .misconfigured,
                    "\(command.words.first ?? "") cannot be run: \(error.reason)",
                    hint: "check the file and its permissions"
                )
            )
            throw ExitStatus(code: JobCommand.notRunnable)
        }
        given?.give(to: pid)
    }

    /// Runs a command to its end, and ends what it left in its process group.
    ///
    /// Blocks the thread. SIGTERM and SIGHUP are passed on, and a child that does not end by them
    /// in time is killed.
    /// - Returns: its exit status, or 128 and the number of the signal that ended it.
    static func run(_ command: JobCommand, environment: [String: String]) throws -> Int32 {
        let job = try Job(command, environment: environment)
        while true {
            job.obey(job.signals.next(within: DevLimits.look))
            if let status = job.look() { return job.finish(status) }
        }
    }

    private func obey(_ signal: Int32?) {
        switch signal {
        case SIGINT, SIGQUIT, SIGTSTP: send(signal ?? 0)
        case SIGTERM, SIGHUP:
            send(signal ?? 0)
            send(SIGCONT)
            deadline = deadline ?? .now + DevLimits.ending
        // A child that is not known to be stopped needs none: it might be stopped again by now.
        case SIGCONT where isStopped: goOn()
        // Where nothing could stop us, nothing continues us either.
        case nil where isStopped: goOn()
        default: break
        }
        if let deadline, ContinuousClock.now > deadline { send(SIGKILL) }
    }

    /// What has become of the child: its status once it has ended.
    private func look() -> Int32? {
        var word: Int32 = 0
        let found = waitpid(pid, &word, WNOHANG | WUNTRACED)
        guard found == pid else { return found < 0 && errno == ECHILD ? 1 : nil }
        let low = word & 0x7f
        switch low {
        case 0: return (word >> 8) & 0xff
        case 0x7f: stopped(by: (word >> 8) & 0xff)
        default: return 128 + low
        }
        return nil
    }

    private func stopped(by signal: Int32) {
        guard let terminal else { return }
        if [SIGTTIN, SIGTTOU].contains(signal), waitToGive(terminal) { return send(SIGCONT) }
        // Ctrl-Z: whoever waits for us gets the terminal, and continues us later.
        terminal.takeBack(from: pid)
        isStopped = true
        signals.leave(SIGTSTP)
        kill(0, SIGTSTP)
    }

    /// Gives the child the terminal it asked for, once a shell has given it to us.
    ///
    /// In the background the system stops us inside the call, and repeats the call when we are
    /// continued. To look first and then stop would miss a shell that continues us in between.
    private func waitToGive(_ terminal: JobTerminal) -> Bool {
        signals.leaving(SIGTTOU) { terminal.give(to: pid) }
    }

    private func goOn() {
        isStopped = false
        if let terminal, terminal.isOurs { terminal.give(to: pid) }
        signals.watch(SIGTSTP)
        send(SIGCONT)
    }

    private func finish(_ status: Int32) -> Int32 {
        terminal?.takeBack(from: pid)
        guard kill(-pid, 0) == 0 else { return status }
        for signal in [SIGHUP, SIGTERM, SIGCONT] { send(signal) }
        let isGone = BoundedWait.holds(within: DevLimits.remains) { kill(-pid, 0) != 0 }
        if !isGone { send(SIGKILL) }
        return status
    }

    private func send(_ signal: Int32) { kill(-pid, signal) }
}
