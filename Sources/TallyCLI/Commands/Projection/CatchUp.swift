// Where no process keeps the projections up to date, the command that needs them does it itself.

internal import TallyCore
internal import TallyReplay
internal import Tallystick

/// Takes projections forward for one command.
enum CatchUp {
    /// Runs `body`, and once more after a catch-up if the projections were too far behind.
    static func whenBehind<Value>(
        _ ledger: Ledger,
        _ tenant: Tenant,
        _ output: OutputOptions,
        _ body: () async throws(Problem) -> Value
    ) async throws -> Value {
        do throws(Problem) {
            return try await body()
        } catch {
            guard error.code == .projectionBehind else { throw error }
        }
        let names = [BuiltInProjection.documents, BuiltInProjection.trail]
        let size = try await tenant.summary().eventCount
        let meter = ProgressMeter(
            "catch up",
            total: 2 * size,
            unit: "events",
            form: output.progress
        )
        let stop = try await ledger.projections.catchUp(names, of: tenant) { meter.update($0) }
        meter.finish()
        if let stop { throw stopped(stop, tenant) }
        return try await body()
    }

    private static func stopped(
        _ stop: ProjectionStop,
        _ tenant: Tenant
    ) -> Problem {
        Problem(
            .projectionBehind,
            "event \(stop.position) stops the projection: \(stop.reason)",
            hint: "tally verify \(tenant.name) --open, then tally projection retry or skip"
        )
    }
}
