// What it takes to check one signature under a decision: of a key in a file, and of a passkey.

internal import Foundation
internal import TallyCore

/// Signatures of the golden vectors, checked over and over.
struct ApprovalVerification {
    private let approval: Approval
    private let key: SignerKey

    /// Takes a vector by its file and name.
    init?(_ structure: String, _ name: String) throws {
        let path = "docs/format/vectors/\(structure).json"
        let text = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let vectors = try JSONReader.parse(text).objectValue?["vectors"]?.arrayValue ?? []
        let vector = vectors.compactMap(\.objectValue).first {
            $0["name"]?.stringValue == name
        }
        guard let bytes = vector?["bytes"]?.bytes,
            let key = vector?["fields"]?.objectValue?["public_key"]?.bytes.flatMap({
                SignerKey($0)
            })
        else { return nil }
        (approval, self.key) = (try Approval(decoding: bytes), key)
    }

    /// Milliseconds of processor time for one.
    func milliseconds() -> Double {
        let count = 2_000
        let start = clock()
        for _ in 0..<count { precondition(approval.isSigned(by: key)) }
        return Double(clock() - start) / Double(CLOCKS_PER_SEC) * 1_000 / Double(count)
    }
}
