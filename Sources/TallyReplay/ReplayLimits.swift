// Every bound of reading, named.

/// The bounds of documents, projections and queries.
package enum ReplayLimits {
    /// Events that a projection takes in one step.
    package static let pageEvents = 1000
    /// Events after a projection's cursor that a reader still folds by itself.
    package static let tailEvents = 10_000
    /// Events of a stream that are read at a time, at first; each page is twice the one before.
    package static let streamPage = 32
    /// Events of a stream that are read at a time, at most.
    package static let largestStreamPage = 2048
    /// Events of a stream between two snapshots of its document.
    package static let snapshotEvents = 1000
    /// Documents or events in one page of an answer.
    package static let answerPage = 1...10_000
    /// Bytes of a query's text.
    package static let queryBytes = 4096
    /// Values of a query, wildcards expanded.
    package static let queryTags = 10_000
    /// Bytes of a document that is kept; one that is larger is read by folding.
    package static let keptBytes = 16 << 20
    /// Bytes of documents that a step or a list holds, unless one alone is larger.
    package static let heldBytes = 32 << 20
    /// Bytes of large documents that the fold of a whole log remembers.
    package static let foldedBytes = 16 << 20
    /// Bytes of documents that a rebuild seals at a time, unless one alone is larger; three such
    /// pages are on their way.
    package static let sealedBytes = 8 << 20
    /// Bytes from which a whole log's fold counts a document, and lets it go if there are too many.
    package static let countedBytes = 64 << 10
    /// Bytes of documents that go to the server in one call.
    package static let callBytes = 32 << 20
    /// Bytes of events or documents in one answer, as they are when they are open, from its second
    /// on.
    package static let answerBytes = 32 << 20
    /// Tenants whose erasures a projector remembers to have seen.
    package static let watchedTenants = 100_000
    /// Words of a tenant's dictionary that a projector remembers to be stored.
    package static let knownWords = 100_000
}
