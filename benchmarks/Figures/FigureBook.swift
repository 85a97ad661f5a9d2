// Collects figures from rounds in which two arms took turns, and writes them.

internal import Foundation

/// The figures of a run.
struct FigureBook {
    private(set) var figures: [Figure] = []

    /// Adds a figure of rounds, each with the value of our arm and of the other; `ratio` of them is
    /// held against the goal, by default ours through the other.
    mutating func add(
        _ name: String,
        _ unit: String,
        against arm: String,
        _ rounds: [(ours: Double, arm: Double)],
        goal: Goal? = nil,
        cost: CPUTime? = nil,
        walBytes: Double? = nil,
        ratio: (Double, Double) -> Double = { $0 / $1 }
    ) {
        let ratios = rounds.map { ratio($0.ours, $0.arm) }
        let median = ratios.median
        let figure = Figure(
            name: name,
            unit: unit,
            ours: rounds.map(\.ours).median,
            arm: arm,
            armValue: rounds.map(\.arm).median,
            ratio: median,
            goal: goal?.text,
            met: goal?.isMet(by: median),
            clientCPU: cost?.client,
            serverCPU: cost?.server,
            walBytes: walBytes,
            runs: rounds.count,
            spread: ((ratios.max() ?? 0) - (ratios.min() ?? 0)) / median
        )
        figures.append(figure)
        let goal = goal.map { ", goal \($0.text)" } ?? ""
        print(
            "\(name)  \(Self.text(figure.ours)) \(unit), \(arm) \(Self.text(figure.armValue)), "
                + "ratio \(Self.text(median))\(goal)"
        )
    }

    /// Adds a figure that is held against its goal itself.
    mutating func add(_ name: String, _ unit: String, _ values: [Double], goal: Goal? = nil) {
        add(name, unit, against: "itself", values.map { ($0, 1) }, goal: goal)
    }

    /// Writes all figures as JSON, one a line, with where they were measured.
    func write(to path: String, _ place: BenchmarkPlace) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        let lines = try figures.map { try json($0) }.joined(separator: ",\n")
        let text = "{\"place\":\(try json(place)),\n\"figures\":[\n\(lines)\n]}\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private static func text(_ value: Double) -> String {
        String(format: value < 100 ? "%.2f" : "%.0f", value)
    }
}
