// The bounds of every wait of `tally dev`, in one place.

/// The named bounds of a command that runs under `tally dev`.
enum DevLimits {
    /// How long to wait for a signal before the child is looked at all the same.
    static let look: Duration = .seconds(1)

    /// How long a child may take to end after it was told to, before it is killed.
    static let ending: Duration = .seconds(30)

    /// How long what the child left running may take to end, before it is killed.
    static let remains: Duration = .seconds(3)
}
