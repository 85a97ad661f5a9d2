// --at: a moment of a tenant's log.

public import ArgumentParser
public import TallyReplay

extension Moment: ExpressibleByArgument {
    /// Reads a time, a position, `event:ID` or `before:ID`.
    public init?(argument: String) { self.init(argument) }
}

/// The words in which every command explains `--at`.
enum MomentHelp {
    static let text = ArgumentHelp(
        "As of a time (UTC), a position, event:ID or before:ID.",
        valueName: "moment"
    )
}
