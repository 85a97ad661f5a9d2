// Tests run side by side, as many as there are. A ledger at work takes a dozen connections, and the
// cluster that all tests share has 200: so only a few of ours are open at a time.

import TallyTesting
import Tallystick

/// Lets a few tests at a time open their ledgers.
actor Admission {
    private static let shared = Admission()

    private var free = 4
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Opens the running test's ledger once there is room for it.
    static func open(_ body: (Ledger) async throws -> Void) async throws {
        await shared.enter()
        do {
            try await TestLedger.current.open(body)
            await shared.leave()
        } catch {
            await shared.leave()
            throw error
        }
    }

    private func enter() async {
        guard free == 0 else { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        guard !waiting.isEmpty else { return free += 1 }
        waiting.removeFirst().resume()
    }
}
