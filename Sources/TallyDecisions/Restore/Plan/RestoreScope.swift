// What a restore is about, and what it may do.

/// Which later events a restore takes back.
public enum RestoreScope: Sendable, Equatable {
    /// All that came after the moment.
    case tenant
    /// Those of a collection and of the collections in it.
    case collection(String)
    /// Those of one stream.
    case stream(String)
    /// Those of an actor.
    case actor(String)
    /// Those at some positions.
    case events(Range<Int>)
}

/// What a restore does with documents.
public struct RestoreSwitches: Sendable, Equatable {
    /// Bring back documents that were there and are not any more.
    public var createsMissing = true
    /// Set back documents that were another then.
    public var updatesExisting = true
    /// Delete documents that were not there.
    public var deletesNew = true

    /// All three.
    public init() {}
}
