// --at and other flags that take a moment or a time, with the reason where it is none.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay

/// The words in which every command explains `--at`.
enum MomentHelp {
    static let text = ArgumentHelp(
        "As of a time such as 2026-11-20T12:00Z, -2h or 'yesterday 14:00Z', a position, "
            + "event:ID or before:ID.",
        valueName: "moment"
    )
}

/// Reads what such flags are given.
enum MomentArgument {
    /// A moment of a log.
    static func moment(_ text: String) throws -> Moment {
        do throws(Problem) {
            return try Moment.read(text)
        } catch {
            throw ValidationError("\(error.message): \(error.hint)")
        }
    }

    /// A time, which may be to come.
    static func time(_ text: String) throws -> Instant {
        do throws(UTCTime.Refusal) {
            return Instant(micros: try SpokenTime().micros(text))
        } catch {
            throw ValidationError(SpokenTime.advice(error))
        }
    }
}
