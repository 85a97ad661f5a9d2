// OpenSSL contexts that are set up, kept for their next use: setting one up costs more than sealing
// or hashing a small event.

internal import Synchronization

/// Idle contexts of one key or algorithm; each is used by one thread at a time.
final class ContextPool: @unchecked Sendable {
    // @unchecked: the pointers are only ever in the pool or in the hands of one borrower.

    /// How many idle contexts are kept.
    private static let maximumIdle = 4

    private let idle = Mutex<[UInt]>([])
    private let free: @Sendable (OpaquePointer) -> Void

    /// Makes a pool of contexts that `free` ends.
    init(free: @escaping @Sendable (OpaquePointer) -> Void) {
        self.free = free
    }

    deinit {
        for context in idle.withLock({ $0 }) { OpaquePointer(bitPattern: context).map(free) }
    }

    /// Lends an idle context, or one that `make` sets up; `nil` when it cannot.
    func borrow<Failure: Error>(
        orMake make: () throws(Failure) -> OpaquePointer?
    ) throws(Failure) -> OpaquePointer? {
        if let kept = idle.withLock({ $0.popLast() }) { return OpaquePointer(bitPattern: kept) }
        return try make()
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
