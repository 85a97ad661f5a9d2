// What the doctor says: one thing that was looked at, how it is, and what to do about it.

/// How something is.
package enum DoctorState: String, Sendable {
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
package struct DoctorFinding: Sendable, Equatable {
    /// Its name, always the same for the same thing.
    package let topic: String
    package let state: DoctorState
    /// What was found, without names of people and without keys.
    package let found: String
    /// What to do; empty when it is good.
    package let advice: String

    init(_ topic: String, _ state: DoctorState, _ found: String, do advice: String = "") {
        self.topic = topic
        self.state = state
        self.found = found
        self.advice = state == .good ? "" : advice
    }
}
