// Events of one stream in few words, for tests of the fold.

import TallyCore
import TallyCrypto

/// What one event does; sections that are `nil` are erased.
struct FoldStep: Sendable {
    let operation: EventOperation
    var data: [UInt8] = []
    var sections: [String: String?] = [:]

    static let note = FoldStep(operation: .note)
    static let delete = FoldStep(operation: .delete)

    static func put(_ data: String, _ sections: [String: String?] = [:]) -> FoldStep {
        FoldStep(operation: .put, data: Array(data.utf8), sections: sections)
    }

    static func patch(_ data: String, _ sections: [String: String?] = [:]) -> FoldStep {
        FoldStep(operation: .patch, data: Array(data.utf8), sections: sections)
    }

    static func revert(_ version: Int) -> FoldStep {
        let bytes = withUnsafeBytes(of: Int64(version).bigEndian) { [UInt8]($0) }
        return FoldStep(operation: .revert, data: bytes)
    }

    /// The steps as events of versions 1, 2 and so on.
    static func events(_ steps: [FoldStep]) -> [FoldEvent] {
        steps.enumerated().map { index, step in
            let names = step.sections.keys.sorted()
            return FoldEvent(
                version: index + 1,
                position: 10 * index,
                operation: step.operation,
                data: step.data,
                sections: names.map { name in
                    guard let text = step.sections[name] ?? nil else { return .erased }
                    return .content(PersonalName(subject: name), Array(text.utf8))
                },
                digests: names.map { SHA256.hash(Array("\(index) \($0)".utf8)) }
            )
        }
    }
}
