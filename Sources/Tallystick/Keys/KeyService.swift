// Keeps the promises about keys for as long as a process runs: epochs end in time, and approved
// erasures go on.

internal import Logging
internal import TallyCore
internal import TallyVault
public import ServiceLifecycle

/// A service that changes the key epoch and carries erasures on.
///
/// ```swift
/// let services: [any Service] = [ProjectionService(ledger), KeyService(ledger)]
/// try await ServiceGroup(services: services, logger: logger).run()
/// ```
///
/// Any number of processes may run it; whoever comes second finds the work done. What goes wrong is
/// logged and tried again at the next look.
public struct KeyService: Service {
    /// How often it looks for something to do.
    private static let pause = Duration.seconds(60)

    private let ledger: Ledger

    /// Keeps the keys of `ledger`; how often epochs change is ``LedgerConfiguration/keyEpoch``.
    public init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    /// Runs until it is cancelled or told to shut down.
    public func run() async {
        await cancelWhenGracefulShutdown {
            repeat { await look() } while (try? await Task.sleep(for: Self.pause)) != nil
        }
    }

    /// Does what is due now.
    package func look() async {
        // Apart from each other: keys that cannot be rotated must not hold up who is to be erased.
        do throws(Problem) {
            if try await ledger.keys.isRotationDue() { _ = try await ledger.keys.rotate() }
        } catch {
            warn("the key epoch was not changed", error)
        }
        do throws(Problem) {
            for (id, problem) in try await ledger.erasures.runAll() where problem.code != .hold {
                warn("an erasure could not go on", problem, ["erasure": "\(id.hex)"])
            }
        } catch {
            warn("erasures were not looked after", error)
        }
    }

    private func warn(_ text: Logger.Message, _ problem: Problem, _ more: Logger.Metadata = [:]) {
        let metadata = more.merging(["error": "\(problem)"]) { $1 }
        ledger.configuration.logger.warning(text, metadata: metadata)
    }
}
