// A ledger among the services of a program.

public import ServiceLifecycle

/// Closes the ledger when the program shuts down.
///
/// ```swift
/// let services: [any Service] = [ledger, ProjectionService(ledger), KeyService(ledger), server]
/// try await ServiceGroup(
///     services: services, gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
///
/// Name it before those that use it: services shut down in the opposite order, so that what was
/// accepted is answered first.
extension Ledger: Service {
    /// Runs until it is cancelled or told to shut down, and then closes the ledger.
    public func run() async {
        await cancelWhenGracefulShutdown {
            let forever = AsyncStream<Never> { _ in }
            for await _ in forever {}
        }
        await close()
    }
}
