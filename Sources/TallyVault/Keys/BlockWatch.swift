// How many subjects of each tenant were blocked at the last look: when there are more now, keys
// that are in memory may be of somebody who is to be erased.

internal import Synchronization
internal import TallyCore

/// Remembers a bounded number of looks.
final class BlockWatch: Sendable {
    private struct Look {
        let count: Int
        let time: ContinuousClock.Instant
    }

    private let looks = Mutex<[TenantID: Look]>([:])

    /// Whether the last look at a tenant was a moment ago.
    func isFresh(_ tenant: TenantID) -> Bool {
        looks.withLock { looks in
            looks[tenant].map { .now - $0.time < VaultLimits.blockLife } ?? false
        }
    }

    /// Notes a look; `true` unless the last one found as many.
    func note(_ count: Int, _ tenant: TenantID) -> Bool {
        looks.withLock { looks in
            if looks.count >= VaultLimits.cacheCount { looks.removeAll() }
            let last = looks.updateValue(Look(count: count, time: .now), forKey: tenant)
            return last?.count != count
        }
    }
}
