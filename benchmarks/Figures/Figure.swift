// A figure as benchmarks/results.json has it: our arm beside the one that it is held against, both
// measured in turns in one process.

internal import Foundation

/// One line of the results.
struct Figure: Codable {
    let name: String
    let unit: String
    /// The median of our arm.
    let ours: Double
    /// What the other arm is.
    let arm: String
    let armValue: Double
    /// The median of the rounds' ratios.
    let ratio: Double
    /// `>= 5`, `<= 2`; `nil` for a figure that is only shown.
    let goal: String?
    let met: Bool?
    /// Processor time an event of our arm, where it was taken.
    let clientCPU: Double?
    let serverCPU: Double?
    let walBytes: Double?
    let runs: Int
    /// The greatest ratio less the least, as a part of the median.
    let spread: Double

    enum CodingKeys: String, CodingKey {
        case name, unit, ours, arm, ratio, goal, met, runs, spread
        case armValue = "arm_value"
        case clientCPU = "client_cpu_us"
        case serverCPU = "server_cpu_us"
        case walBytes = "wal_bytes"
    }
}

/// What a figure shall be.
enum Goal {
    case atLeast(Double), atMost(Double)

    var text: String {
        switch self {
        case .atLeast(let bound): ">= \(bound.formatted())"
        case .atMost(let bound): "<= \(bound.formatted())"
        }
    }

    func isMet(by value: Double) -> Bool {
        switch self {
        case .atLeast(let bound): value >= bound
        case .atMost(let bound): value <= bound
        }
    }
}

extension Double {
    /// Without a trailing zero.
    fileprivate func formatted() -> String { String(format: "%g", self) }
}
