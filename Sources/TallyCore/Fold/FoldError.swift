// Why a stream cannot be folded. Whoever asked gets a finding, never a guess.

/// An event that leaves its stream's document unknown.
package struct FoldError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with the event.
    package enum Code: String, Sendable, CaseIterable {
        /// A version is missing, or stands twice.
        case gap
        /// A revert to itself, to a later version, or to another revert.
        case revert
        /// Data or a section is not JSON.
        case json
        /// The document grew beyond ``FoldLimits/documentBytes``; a put or delete ends that.
        case tooLarge
    }

    /// What is wrong.
    package let code: Code
    /// The event's version within its stream.
    package let version: Int

    /// Makes an error.
    package init(_ code: Code, at version: Int) {
        self.code = code
        self.version = version
    }

    /// The error in one line, without content.
    package var description: String {
        switch code {
        case .gap: "version \(version) of the stream is missing or stands twice"
        case .revert: "version \(version) reverts to a version that it must not name"
        case .json: "version \(version) holds something that is not JSON"
        case .tooLarge:
            "its document has more than \(FoldLimits.documentBytes) bytes at version \(version)"
        }
    }
}
