// OpenSSL contexts that are set up for one key, kept for the next use of it: setting one up costs
// more than sealing a small event.

internal import Synchronization

/// Idle contexts of one key; each is used by one thread at a time.
final class ContextPool: @unchecked Sendable {
    // @unchecked: the pointers are only ever in the pool or in the hands of one borrower.

    /// How many idle contexts are kept.
    private static let maximumIdle = 4

    private let idle = Mutex<[UInt]>([])
    private let make: () -> OpaquePointer?
    private let free: (OpaquePointer) -> Void

    /// Makes a pool of contexts that `make` sets up and `free` ends.
    init(make: @escaping () -> OpaquePointer?, free: @escaping (OpaquePointer) -> Void) {
        self.make = make
        self.free = free
    }

    deinit {
        for context in idle.withLock({ $0 }) { OpaquePointer(bitPattern: context).map(free) }
    }

    /// Lends a context; `nil` when none can be made.
    func borrow() -> OpaquePointer? {
        let kept = idle.withLock { $0.popLast() }
        return kept.flatMap { OpaquePointer(bitPattern: $0) } ?? make()
    }

    /// Takes a context back, or ends it when enough are idle.
    func giveBack(_ context: OpaquePointer) {
        let isKept = idle.withLock { idle in
            guard idle.count < Self.maximumIdle else { return false }
            idle.append(UInt(bitPattern: context))
            return true
        }
        if !isKept { free(context) }
    }
}
