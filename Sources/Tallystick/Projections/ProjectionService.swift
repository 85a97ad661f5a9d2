// Keeps the projections of a ledger up to date for as long as a process runs.

internal import TallyCore
internal import TallyReplay
public import ServiceLifecycle

/// A service that takes projections forward as events come.
///
/// ```swift
/// let group = ServiceGroup(services: [ProjectionService(ledger)], logger: logger)
/// try await group.run()
/// ```
///
/// Any number of processes may run it: each event is applied exactly once, whoever is faster.
public struct ProjectionService: Service {
    private let ledger: Ledger
    private let own: [any Projection]

    /// Keeps the built-in projections, and those of the application, up to date.
    public init(_ ledger: Ledger, projections: [any Projection] = []) {
        self.ledger = ledger
        own = projections
    }

    /// Runs until it is cancelled, told to shut down, or the ledger is closed.
    ///
    /// An event that a projection cannot apply stops its own tenant only; see
    /// `tally projection list`.
    /// - Throws: `unavailable` when the ledger was closed, `invalid` for a projection's name.
    public func run() async throws {
        let runner = ledger.projectionRunner(own)
        try await runner.register()
        let listener = try ledger.listener()
        await cancelWhenGracefulShutdown {
            var projections: [any EventProjection] = []
            while !Task.isCancelled, !listener.isClosed {
                let generation = listener.generation
                let isBusy = await Self.round(runner, &projections, ledger)
                if !isBusy { await listener.wait(after: generation) }
            }
        }
    }

    /// A database that is away for a while is waited for.
    private static func round(
        _ runner: ProjectionRunner,
        _ projections: inout [any EventProjection],
        _ ledger: Ledger
    ) async -> Bool {
        do throws(Problem) {
            projections = try await runner.refreshed(projections)
            return try await runner.round(projections)
        } catch {
            ledger.configuration.logger.warning(
                "projections could not go on",
                metadata: ["error": "\(error)"]
            )
            return false
        }
    }
}
