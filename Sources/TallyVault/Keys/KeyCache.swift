// What is kept in memory of the key store: for a short while, and a bounded number of it.

internal import Synchronization
internal import TallyCore
internal import TallyCrypto

/// A cache of keys by tenant and name or id.
///
/// What has expired is dropped soon after, whether or not anybody asks again.
final class KeyCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let expires: ContinuousClock.Instant
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var isSwept = false
    }

    private let state = Mutex(State())
    private let life: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        life: Duration = VaultLimits.cacheLife,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.life = life
        self.now = now
    }

    /// The cached value, if it is not too old.
    subscript(key: Key) -> Value? {
        state.withLock { state in
            guard let entry = state.entries[key], entry.expires > now() else { return nil }
            return entry.value
        }
    }

    /// Keeps a value for a while; a full cache is emptied first.
    func store(_ value: Value, for key: Key) {
        let entry = Entry(value: value, expires: now() + life)
        let wasSwept = state.withLock { state in
            if state.entries.count >= VaultLimits.cacheCount { state.entries.removeAll() }
            state.entries[key] = entry
            defer { state.isSwept = true }
            return state.isSwept
        }
        if !wasSwept { sweepUntilEmpty() }
    }

    private func sweepUntilEmpty() {
        let pause = life / VaultLimits.cacheSweeps
        Task { [weak self] in
            repeat { try? await Task.sleep(for: pause) } while self?.sweep() == true
        }
    }

    /// Drops what has expired; `false` when nothing is left.
    func sweep() -> Bool {
        let time = now()
        return state.withLock { state in
            state.entries = state.entries.filter { $0.value.expires > time }
            state.isSwept = !state.entries.isEmpty
            return state.isSwept
        }
    }

    /// Forgets the entries that `isStale` names.
    func removeAll(where isStale: (Key) -> Bool) {
        state.withLock { state in
            state.entries = state.entries.filter { !isStale($0.key) }
        }
    }
}
