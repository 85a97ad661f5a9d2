// When an event happened by its caller's account, as its envelope holds it: version 1 counts on
// from 1970 and has 0 for "not given", version 2 counts back.

/// A caller's claim of when an event happened, or that there is none.
package struct OccurredAt: Sendable, Equatable {
    /// What a writer accepts: year 1 to year 9999, in µs since 1970.
    package static let range: ClosedRange<Int64> =
        -62_135_596_800_000_000...253_402_300_799_999_999

    /// The version of the envelope that can express it.
    let version: UInt8
    /// µs since 1970 in version 1, 0 if not given; in version 2 µs up to
    /// 1970-01-01T00:00:00.000001Z, which is the first that version 1 can express.
    let field: UInt64

    /// No claim.
    package static let notGiven = OccurredAt(version: 1, field: 0)

    private init(version: UInt8, field: UInt64) {
        self.version = version
        self.field = field
    }

    /// A claim in µs since 1970, within ``range``.
    package init(_ micros: Int64) {
        precondition(Self.range.contains(micros), "a time outside years 1 to 9999")
        self =
            micros > 0
            ? Self(version: 1, field: UInt64(micros)) : Self(version: 2, field: UInt64(1 - micros))
    }

    /// What an envelope of version 1 says, whatever it is.
    package init(version1 field: UInt64) {
        self.init(version: 1, field: field)
    }

    /// What an envelope of version 2 says; `nil` for what version 1 could say, or nobody may.
    init?(version2 field: UInt64) {
        guard (1...UInt64(1 - Self.range.lowerBound)).contains(field) else { return nil }
        self.init(version: 2, field: field)
    }

    /// µs since 1970, negative before it; `nil` when not given.
    ///
    /// Of what an older writer took beyond 2^63 it is the largest number.
    package var micros: Int64? {
        if version == 2 { return 1 - Int64(field) }
        return field == 0 ? nil : Int64(clamping: field)
    }
}
