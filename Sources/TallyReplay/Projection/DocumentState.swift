// A stream's document while a page of events is folded onto it.

internal import TallyCore

/// A stream between its stored document and the one that a page leaves.
struct DocumentState {
    var stream = ""
    /// `nil` where nothing is stored, so that any version may come next.
    var version: Int?
    var position = 0
    var content: DocumentContent?
    /// Whether the document has outgrown memory; a put, delete or revert ends that.
    var isTooLarge = false
    /// Whether the document at ``position`` has to be folded from the log before it is of use.
    var isStale = false
    /// Versions that are left out.
    var skipped: Set<Int> = []
    /// The document at a version that deserves a snapshot.
    private(set) var snapshot: (document: FoldedStream, binding: SnapshotBinding)?

    init(version: Int? = nil, position: Int = 0) {
        (self.version, self.position) = (version, position)
    }

    /// Whether there is a document, be it one that is too large.
    var isPresent: Bool { version != nil && (content != nil || isTooLarge) }

    /// The bytes that it holds.
    var weight: Int { content?.weight ?? 0 }

    /// The stream as it is.
    var folded: FoldedStream {
        FoldedStream(
            stream: stream,
            version: version ?? 0,
            position: position,
            content: content,
            isTooLarge: isTooLarge
        )
    }

    /// The version that must come next, those that are left out passed over.
    var next: Int? {
        guard var next = version.map({ $0 + 1 }) else { return nil }
        while skipped.contains(next) { next += 1 }
        return next
    }

    /// Takes a document that was folded from the log.
    mutating func become(_ content: DocumentContent?) {
        (self.content, isTooLarge, isStale) = (content, false, false)
    }

    /// Notes that the document has outgrown memory.
    mutating func becomeTooLarge() {
        (content, isTooLarge, isStale) = (nil, true, false)
    }

    /// Forgets a document that can be folded again.
    mutating func letGo() {
        (content, isStale) = (nil, true)
    }

    /// Folds an event that is no revert; what was too large stays so until a put or delete.
    mutating func apply(_ event: FoldEvent) throws(FoldError) {
        switch event.operation {
        case .put, .delete: become(nil)
        case .patch, .note, .revert: if isTooLarge || isStale { return }
        }
        do throws(FoldError) {
            try StreamFold.apply(event, to: &content)
        } catch {
            guard error.code == .tooLarge else { throw error }
            becomeTooLarge()
        }
    }

    /// Remembers the document if its version is one for a snapshot.
    mutating func takeSnapshot(leaf: [UInt8]) {
        guard let version, content != nil, version % ReplayLimits.snapshotEvents == 0 else {
            return
        }
        snapshot = (folded, SnapshotBinding(position, leaf: leaf))
    }
}
