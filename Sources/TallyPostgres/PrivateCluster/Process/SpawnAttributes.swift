// What a new child process gets from us: its streams, a session of its own, default signals.
// Used by ChildProcess only; kept apart because the C interface is long-winded.

import Glibc

/// The C arguments of `posix_spawn` that isolate a child from this process.
struct SpawnAttributes {
    // POSIX_SPAWN_SETSID, which the C headers show only under _GNU_SOURCE.
    private static let newSession: Int32 = 0x80

    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()

    init(descriptors: [OwnedDescriptor?]) {
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        isolateSignals()
        for (number, descriptor) in descriptors.enumerated() {
            connect(descriptor, to: Int32(number))
        }
        closeOthers(above: Int32(descriptors.count))
    }

    mutating func destroy() {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }

    // Its own session keeps Ctrl-C away; a host that ignores or blocks signals, as services do
    // with SIGPIPE, must not hand that on to the server.
    private mutating func isolateSignals() {
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = Self.newSession | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private mutating func connect(_ descriptor: OwnedDescriptor?, to number: Int32) {
        if let descriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor.raw, number)
        } else {
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
        }
    }

    // A host may hold descriptors that are not close-on-exec, such as a listening socket; a
    // server that inherits one would keep the port bound after the host's death.
    private mutating func closeOthers(above first: Int32) {
        guard let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
            if let number = Int32(name), number >= first {
                posix_spawn_file_actions_addclose(&actions, number)
            }
        }
    }
}
