// What an expectation means, also for events that follow others of the same request; and what a
// lane remembers of versions.

import TallyCore
import TallyCrypto
import Testing

@testable import TallyStore

struct VersionCheckTests {
    private static let streams = [BlindTag.random(), BlindTag.random()]

    @Test(
        arguments: [
            ([(0, ExpectedVersion.any)], 0, nil), ([(0, .any)], 5, nil), ([(0, .noStream)], 0, nil),
            ([(0, .noStream)], 1, 0), ([(0, .version(1))], 0, 0), ([(0, .version(5))], 5, nil),
            ([(0, .version(5))], 6, 0), ([(0, .version(4)), (0, .version(5))], 4, nil),
            ([(0, .version(4)), (0, .version(4))], 4, 1),
            ([(0, .noStream), (1, .noStream)], 0, nil),
            ([(0, .any), (1, .any), (0, .version(1)), (1, .version(2))], 0, 3),
            ([(0, .noStream), (0, .noStream)], 0, 1), ([(1, .noStream), (0, .version(3))], 3, nil),
        ] as [([(Int, ExpectedVersion)], Int, Int?)]
    )
    func theFirstEventThatDoesNotFindItsVersionIsNamed(
        events: [(Int, ExpectedVersion)],
        known: Int,
        mismatch: Int?
    ) {
        let request = LaneFixture().pending(
            .random(),
            "r",
            on: events.map { (Self.streams[$0.0], $0.1) }
        ).request
        let versions = known == 0 ? [:] : [Self.streams[0]: known]
        let found = VersionCheck.firstMismatch(request, versions)
        #expect(found?.event == mismatch)
        guard let mismatch, let found else { return }
        let before = events.prefix(mismatch).count { $0.0 == events[mismatch].0 }
        #expect(found.current == (events[mismatch].0 == 0 ? known : 0) + before)
    }

    @Test func theCacheForgetsBetweenBatchesAndNeverWithinOne() {
        var cache = HeadCache(versionLimit: 10)
        let tenants = (0..<4).map { _ in TenantID.random() }
        for tenant in tenants { cache.store(Self.head(versions: 5), for: tenant) }
        #expect(tenants.allSatisfy { cache[$0] != nil })
        cache.trim()
        #expect(tenants.allSatisfy { cache[$0] == nil })
        for tenant in tenants.prefix(2) { cache.store(Self.head(versions: 5), for: tenant) }
        cache.store(Self.head(versions: 4), for: tenants[0])
        _ = cache.take(tenants[1])
        cache.store(Self.head(versions: 6), for: tenants[1])
        cache.trim()
        #expect(cache[tenants[0]]?.versions.count == 4)
        #expect(cache[tenants[1]]?.versions.count == 6)
        cache.remove(tenants[0])
        cache.store(Self.head(versions: 4), for: tenants[2])
        cache.trim()
        #expect(cache[tenants[2]] != nil)
    }

    private static func head(versions: Int) -> KnownHead {
        let versions = (0..<versions).map { _ in (BlindTag.random(), 1) }
        return KnownHead(
            size: 1,
            lastLeafHash: .zero,
            floor: 0,
            versions: Dictionary(uniqueKeysWithValues: versions)
        )
    }
}
