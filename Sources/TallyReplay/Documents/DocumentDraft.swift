// A document between its content and its row: small enough to be kept, or only noted.

internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault

/// A document that is about to be sealed.
struct DocumentDraft {
    let stream: BlindTag
    let document: FoldedStream
    let snapshot: SnapshotBinding?
    private let index: IndexKey
    private let data: [UInt8]
    private let sections: [(name: PersonalName, data: [UInt8])]
    /// The bytes of all of it; `nil` for a document that is too large to be read.
    private let size: Int?

    init(
        _ stream: BlindTag,
        _ document: FoldedStream,
        _ index: IndexKey,
        _ snapshot: SnapshotBinding?
    ) {
        (self.stream, self.document, self.index, self.snapshot) = (
            stream, document, index, snapshot
        )
        size = document.content?.byteCount
        guard let content = document.content, let size, size <= ReplayLimits.keptBytes else {
            (data, sections) = ([], [])
            return
        }
        data = content.data.canonical()
        sections = content.personal.sorted { $0.key < $1.key }
            .map { (name: $0.key, data: $0.value.canonical()) }
    }

    /// Whether it is kept; what is not has to be folded by whoever reads it.
    var isKept: Bool {
        guard let size else { return false }
        return size <= ReplayLimits.keptBytes
            && FormatLimits.documentPartCount.contains(1 + sections.count)
    }

    /// The names of the subjects' keys, in part order.
    var keyNames: [KeyName] { sections.map { KeyName($0.name, index) } }

    /// The parts before they are sealed.
    func plaintexts() -> [[UInt8]] {
        let part = DocumentPart(
            stream: document.stream,
            data: .packed(data),
            erasedParts: document.content?.erasedParts ?? 0,
            partDigests: document.content?.partDigests ?? []
        )
        return [part.encoded()]
            + sections.map { Personal(name: $0.name, data: .packed($0.data)).encoded() }
    }

    func row(body: [UInt8]?) -> DocumentRow {
        DocumentRow(
            stream: stream,
            collection: index.tag(.collection, document.stream.collection),
            position: document.position,
            version: document.version,
            size: size,
            digest: document.content.map { index.digest(of: $0, stream) },
            body: body
        )
    }
}
