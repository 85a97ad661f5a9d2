// A document as readers see it.

internal import TallyCore
internal import TallyReplay

/// What a stream's events add up to.
public struct Document: Sendable {
    /// The stream.
    public let stream: String
    /// The version of the stream's newest event: what the next append expects.
    public let version: Int
    /// The position of that event.
    public let position: Int
    /// Canonical JSON text: keys sorted by their bytes, numbers as they were submitted.
    public let data: String
    /// Canonical JSON texts by `SUBJECT` or `SUBJECT#CLASS`, in the order of subjects and classes.
    public let personal: Sections<String>
    /// Personal parts that were folded in and can be read no more.
    public let erasedParts: Int

    /// A stream's document; `nil` when its events leave none.
    init?(_ folded: FoldedStream) {
        guard let content = folded.content else { return nil }
        stream = folded.stream
        version = folded.version
        position = folded.position
        data = String(decoding: content.data.canonical(), as: UTF8.self)
        personal = Sections(
            content.personal.sorted { $0.key < $1.key }.map {
                (key: $0.key.key, value: String(decoding: $0.value.canonical(), as: UTF8.self))
            }
        )
        erasedParts = content.erasedParts
    }
}

extension Document: Equatable {
    /// Whether both are the same documents in the same version, byte for byte.
    public static func == (left: Self, right: Self) -> Bool {
        ByteText(left.stream) == ByteText(right.stream) && left.version == right.version
            && left.position == right.position && left.saysTheSame(as: right)
    }

    /// Whether both have the same content, byte for byte, whatever versions they have.
    func saysTheSame(as other: Document) -> Bool {
        ByteText(data) == ByteText(other.data) && erasedParts == other.erasedParts
            && personal.mapValues { ByteText($0) } == other.personal.mapValues { ByteText($0) }
    }
}

/// A page of documents.
public struct Documents: Sendable {
    /// The documents, in an order that is arbitrary but always the same.
    public let documents: [Document]
    /// Streams whose documents have outgrown 128 MiB: they are passed over.
    public let tooLarge: [String]
    /// What to ask for next; `nil` after the last page.
    public let next: String?
}
