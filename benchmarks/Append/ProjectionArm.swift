// What projections cost the write path, and how far they fall behind it.

internal import Foundation
internal import TallyReplay
internal import Tallystick

/// Appends with and without the projections running beside.
struct ProjectionArm {
    private let site: BenchmarkSite

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    /// Measures both in turns, and the lag at the end of each burst.
    func run() async throws {
        let seconds = Double(Setting.number("BENCH_SECONDS", 3))
        for _ in 0..<Setting.number("BENCH_ROUNDS", 3) {
            let off = try await AppendArm(site).measure(seconds: seconds)
            try await waitForAll()
            let service = Task { try await ProjectionService(site.ledger).run() }
            let on = try await AppendArm(site).measure(seconds: seconds)
            let behind = try await self.behind()
            let start = ContinuousClock.now
            try await waitForAll()
            let lag = (ContinuousClock.now - start) / .seconds(1)
            service.cancel()
            try? await service.value
            print(
                String(
                    format:
                        "projections off %6.0f events/s, on %6.0f (ratio %.2f), then %d behind, "
                        + "%.2f s to catch up",
                    off.rate,
                    on.rate,
                    on.rate / off.rate,
                    behind,
                    lag
                )
            )
        }
    }

    /// Events of the documents' tenants that are not applied yet.
    private func behind() async throws -> Int {
        let pool = site.ledger.projectors
        let name = BuiltInProjection.documents
        let version = try await ProjectionRunner.versions(pool)[name] ?? 1
        return try await ProjectionRunner.progress(pool, name, version)
            .reduce(0) { $0 + $1.size - $1.position }
    }

    private func waitForAll() async throws {
        let runner = site.ledger.projectionRunner()
        while try await runner.round(runner.live()) {}
    }
}
