// Our arm: 256 callers over 64 tenants, each awaiting the receipt of its own sealed event.

internal import Foundation
internal import Synchronization
internal import Tallystick

/// Appends through the public interface, sealing included.
struct AppendArm: Sendable {
    static let callers = 256
    private static let number = Counter()
    private let site: BenchmarkSite

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    func measure(seconds: Double) async throws -> Measure {
        let site = site
        return try await Measure.take(site, callers: Self.callers, seconds: seconds) { caller in
            let tenant = site.tenants[caller % site.tenants.count]
            _ = try await tenant.append(
                .patch(
                    "billing/invoice/\(caller)",
                    type: "invoice.updated",
                    data: BenchmarkEvent.data
                ),
                actor: "user:\(caller)",
                request: "invoice \(caller), \(Self.number.next())"
            )
        }
    }
}

/// Numbers that no two callers share.
final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// The event that all arms store.
enum BenchmarkEvent {
    static let data = """
        {"total":"140.00","currency":"EUR","lines":[{"sku":"A-1","quantity":2},\
        {"sku":"B-7","quantity":1}],"due":"2026-12-01"}
        """
}
