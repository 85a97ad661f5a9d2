// --at and other flags that take a moment or a time, with the reason where it is none.

internal import ArgumentParser
internal import TallyReplay
internal import TallyStore

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
        do throws(StoreError) {
            return try Moment.read(text)
        } catch {
            throw ValidationError("\(error.message): \(error.hint)")
        }
    }

    /// A time, µs since 1970.
    static func time(_ text: String) throws -> UInt64 {
        do throws(UTCTime.Refusal) {
            return try SpokenTime().micros(text)
        } catch {
            throw ValidationError(SpokenTime.advice(error))
        }
    }
}
