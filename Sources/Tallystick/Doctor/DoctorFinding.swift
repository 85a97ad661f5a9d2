// What the doctor says: one thing that was looked at, how it is, and what to do about it.

public import TallyCore

/// How something is.
public enum DoctorState: String, Sendable {
    /// As it should be.
    case good
    /// A promise is weaker than it could be.
    case weak
    /// A promise is not kept.
    case failing
    /// It could not be looked at from here.
    case unknown
}

/// One thing that the doctor looked at.
public struct DoctorFinding: Sendable, Equatable {
    /// Its name, always the same for the same thing.
    public let topic: String
    /// How it is.
    public let state: DoctorState
    /// What was found, without names of people and without keys.
    public let found: String
    /// What to do; empty when it is good.
    public let remedy: Remedy

    init(_ topic: String, _ state: DoctorState, _ found: String, do remedy: Remedy = "") {
        self.topic = topic
        self.state = state
        self.found = found
        self.remedy = state == .good ? "" : remedy
    }

    /// What to do, in the words of the command line; empty when it is good.
    public var advice: String { remedy.description }
}
