// Keys in memory live for a minute at most, and there is a bound on their number.

import Synchronization
import Testing

@testable import TallyVault

struct KeyCacheTests {
    /// A clock that a test moves.
    private final class TestTime: Sendable {
        private let time = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { time.withLock { $0 } }

        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    @Test func aKeyIsForgottenAfterItsLife() {
        let time = TestTime()
        let cache = KeyCache<String, Int>(now: { time.now })
        cache.store(1, for: "a")
        time.advance(VaultLimits.cacheLife - .nanoseconds(1))
        #expect(cache["a"] == 1)
        time.advance(.nanoseconds(1))
        #expect(cache["a"] == nil)
        cache.store(2, for: "a")
        #expect(cache["a"] == 2)
    }

    @Test func aFullCacheIsEmptiedFirst() {
        let cache = KeyCache<Int, Int>()
        for key in 0..<VaultLimits.cacheCount { cache.store(key, for: key) }
        #expect(cache[0] == 0)
        cache.store(-1, for: -1)
        #expect(cache[0] == nil)
        #expect(cache[-1] == -1)
    }

    @Test func keysAreForgottenByName() {
        let cache = KeyCache<String, Int>()
        for key in ["a", "b"] { cache.store(1, for: key) }
        cache.removeAll { $0 == "a" }
        #expect(cache["a"] == nil)
        #expect(cache["b"] == 1)
    }

    /// Tells when nobody holds it any more.
    private final class Held: Sendable {
        private let released: @Sendable () -> Void

        init(released: @escaping @Sendable () -> Void) { self.released = released }

        deinit { released() }
    }

    @Test(.timeLimit(.minutes(1))) func whatHasExpiredLeavesMemoryThoughNobodyAsks() async {
        let cache = KeyCache<String, Held>(life: .milliseconds(20))
        await withCheckedContinuation { released in
            cache.store(Held { released.resume() }, for: "a")
        }
        #expect(cache["a"] == nil)
        await withCheckedContinuation { released in
            cache.store(Held { released.resume() }, for: "b")
        }
    }

    @Test func aSweepKeepsWhatHasNotExpired() {
        let time = TestTime()
        let cache = KeyCache<String, Int>(now: { time.now })
        cache.store(1, for: "old")
        time.advance(VaultLimits.cacheLife / 2)
        cache.store(2, for: "new")
        time.advance(VaultLimits.cacheLife / 2)
        #expect(cache.sweep())
        #expect(cache["new"] == 2)
        time.advance(VaultLimits.cacheLife / 2)
        #expect(!cache.sweep())
    }
}
