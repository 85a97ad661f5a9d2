// Tests run side by side, as many as there are. A ledger at work takes a dozen connections, and the
// cluster that all tests share has 200: so only a few ledgers are open at a time.

/// Lets a few tests at a time have their databases.
actor Admission {
    static let shared = Admission()

    private var free = 6
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Runs `body` once there is room for it.
    nonisolated func admit<Value>(_ body: () async throws -> Value) async throws -> Value {
        await enter()
        do {
            let value = try await body()
            await leave()
            return value
        } catch {
            await leave()
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
