// Starting the child: a process group of its own, in the foreground where there is a terminal, with
// no signal blocked or ignored. No fork: this process has threads.

internal import Glibc
internal import TallyPostgres

/// The C arguments of `posix_spawn` that make a child the leader of its own group.
struct JobSpawn {
    private var actions = posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()

    /// - Parameter terminal: given to the child before its program begins; `nil` leaves it alone.
    init(terminal: JobTerminal?) {
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setpgroup(&attributes, 0)
        setSignals()
        if let terminal { addForeground(terminal) }
    }

    /// Starts a program; gives its pid, or the error of the system.
    func start(_ command: JobCommand, environment: [String: String]) -> Result<pid_t, JobError> {
        let code = start(command.program, command.words, environment)
        // A script without #! is for the shell, as everywhere.
        guard case .failure(let error) = code, error.number == ENOEXEC else { return code }
        let words = ["sh", command.program] + command.words.dropFirst()
        return start("/bin/sh", words, environment)
    }

    mutating func destroy() {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }

    private func start(
        _ program: String,
        _ words: [String],
        _ environment: [String: String]
    ) -> Result<pid_t, JobError> {
        let argv = CStringArray(words)
        let envp = CStringArray(environment.map { "\($0.key)=\($0.value)" })
        defer {
            argv.free()
            envp.free()
        }
        var (actions, attributes) = (actions, attributes)
        var child: pid_t = 0
        let code = posix_spawn(
            &child,
            program,
            &actions,
            &attributes,
            argv.pointers,
            envp.pointers
        )
        return code == 0 ? .success(child) : .failure(JobError(number: code))
    }

    private mutating func setSignals() {
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    // glibc has it from 2.35 and shows it under _GNU_SOURCE only. Without it the parent gives the
    // terminal away, which is as good unless the child is faster.
    private mutating func addForeground(_ terminal: JobTerminal) {
        typealias Function =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addtcsetpgrp_np") else { return }
        _ = unsafeBitCast(symbol, to: Function.self)(&actions, terminal.raw)
    }
}

/// Why a program could not be started.
struct JobError: Error {
    /// The system's error number.
    let number: Int32
    /// The system's words for it.
    var reason: String { String(cString: strerror(number)) }
}
