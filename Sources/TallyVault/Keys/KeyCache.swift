// What is kept in memory of the key store: for a short while, and a bounded number of it.

internal import Synchronization
internal import TallyCore
internal import TallyCrypto

/// A cache of keys by tenant and name or id.
final class KeyCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let expires: ContinuousClock.Instant
    }

    private let entries = Mutex<[Key: Entry]>([:])
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
        entries.withLock { entries in
            guard let entry = entries[key], entry.expires > now() else { return nil }
            return entry.value
        }
    }

    /// The value as it was stored last, however old.
    func latest(_ key: Key) -> Value? {
        entries.withLock { $0[key]?.value }
    }

    /// Keeps a value for a while; a full cache is emptied first.
    func store(_ value: Value, for key: Key) {
        let entry = Entry(value: value, expires: now() + life)
        entries.withLock { entries in
            if entries.count >= VaultLimits.cacheCount { entries.removeAll() }
            entries[key] = entry
        }
    }

    /// Forgets the entries that `isStale` names.
    func removeAll(where isStale: (Key) -> Bool) {
        entries.withLock { entries in entries = entries.filter { !isStale($0.key) } }
    }
}
