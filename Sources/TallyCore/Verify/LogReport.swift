// What the ordered pass over a log gives: counts, the tree's root, and findings.

package import TallyCrypto

/// The result of an ordered pass.
package struct LogReport: Sendable {
    /// Rows seen.
    package var events = 0
    /// Positions without a row.
    package var missing = 0
    /// Events whose hash the event after them, or the head, names.
    package var intact = 0
    /// Events whose own bytes are not what their successor commits to.
    package var altered = 0
    /// Events whose hash nothing names that could be believed.
    package var unproven = 0
    /// Events whose `previous` is the hash of the event before, or of the tenant's beginning.
    package var links = 0
    /// Events all of whose parts match their digests, or are missing and excused.
    package var bodies = 0
    /// Events of kinds 1 and 10.
    package var recorded = 0
    /// Parts whose absence a later partsPurged explains.
    package var purgedParts = 0
    /// The root of the tenant's tree over the rows seen.
    package var root = Digest.zero
    /// How many findings there are.
    package private(set) var findingCount = 0
    /// The first of them.
    package private(set) var findings: [Finding] = []

    /// Keeps findings as long as there is room, and counts them; one may stand for `count`.
    mutating func note(_ more: [Finding], count: Int? = nil) {
        let (sum, isTooLarge) = findingCount.addingReportingOverflow(count ?? more.count)
        findingCount = isTooLarge ? .max : sum
        findings += more.prefix(max(0, LogVerifier.maximumFindings - findings.count))
    }
}
