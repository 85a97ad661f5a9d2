// What a further term costs a query: it narrows the answer, so it should never make it slower.

internal import Foundation
internal import Tallystick

/// Asks a long log with one, two and three terms, in turns.
struct TermsBenchmark {
    /// A query with more terms may take this much of the time of the one with the first alone.
    private static let ceiling = 1.1
    private static let rounds = 5
    /// One actor of fifty, then the type of nine events of ten, then the collection of them all.
    private static let queries = [
        "actor:user:3", "actor:user:3 type:invoice.updated",
        "actor:user:3 type:invoice.updated collection:billing/invoice",
    ]

    let log: LongLog

    /// Prints the medians, and gives whether no term made it slower.
    func run() async throws -> Bool {
        var times = [[Double]](repeating: [], count: Self.queries.count)
        for _ in 0..<Self.rounds {
            for (index, query) in Self.queries.enumerated() {
                let start = ContinuousClock.now
                let page = try await log.tenant.events(where: query, limit: 10_000)
                precondition(!page.events.isEmpty)
                let took = (ContinuousClock.now - start) / .microseconds(1)
                times[index].append(took / Double(page.events.count))
            }
        }
        let medians = times.map(\.median)
        let ratios = medians.map { $0 / medians[0] }
        print(
            "an event of an answer by 1, 2, 3 terms: "
                + medians.map { String(format: "%.1f µs", $0) }.joined(separator: ", ")
                + ", ratio " + ratios.map { String(format: "%.2f", $0) }.joined(separator: ", ")
                + ", ceiling \(Self.ceiling)"
        )
        return ratios.allSatisfy { $0 <= Self.ceiling }
    }
}
