// Looks for what must be nowhere, in everything that a ledger leaves behind: data directories, WAL,
// backups, dumps, journals, logs and outputs.

/// A search for needles in files and outputs.
///
/// A needle is also found when something stands in its middle, such as a line break or the border
/// of two TOAST chunks: each half is looked for on its own.
package struct RemanenceScanner: Sendable {
    /// A needle's copy.
    package struct Hit: Hashable, Sendable, CustomStringConvertible {
        /// The needle's name.
        package let needle: String
        /// How the copy is written.
        package let encoding: Encoding
        /// The file or output.
        package let path: String
        /// Where the copy begins, or would begin if it was whole.
        package let offset: Int

        package var description: String {
            "\(needle) as \(encoding.rawValue) in \(path) at byte \(offset)"
        }
    }

    /// What a search found and how much it saw.
    package struct Report: Sendable {
        /// The copies, by path and offset.
        package let hits: [Hit]
        /// What was looked at.
        package let coverage: Coverage

        /// The copies of one needle below a directory.
        package func hits(of needle: String, under path: String = "") -> [Hit] {
            hits.filter { $0.needle == needle && $0.path.hasPrefix(path) }
        }
    }

    private struct Half: Sendable {
        let needle: String
        let encoding: Encoding
        /// How many bytes of the whole form come before.
        let before: Int
    }

    private let halves: [Half]
    private let search: PatternSearch
    private let window: Int

    /// Prepares a search.
    ///
    /// - Parameters:
    ///   - needles: what to look for.
    ///   - window: how many bytes are looked at in one go; with the longest form of a needle, that
    ///     is all the memory a search takes.
    package init(_ needles: [Needle], window: Int = 1 << 20) {
        var halves: [Half] = []
        var patterns: [[UInt8]] = []
        for needle in needles {
            for encoding in Encoding.allCases {
                for pattern in encoding.patterns(of: needle.bytes) {
                    let middle = pattern.bytes.count / 2
                    for part in [pattern.bytes[..<middle], pattern.bytes[middle...]] {
                        let before = part.startIndex
                        halves.append(
                            Half(needle: needle.name, encoding: encoding, before: before)
                        )
                        patterns.append(Array(part))
                    }
                }
            }
        }
        self.halves = halves
        self.window = window
        search = PatternSearch(patterns)
    }

    /// Searches everything; a file that vanishes meanwhile is counted, not an error.
    package func scan(_ sources: [RemanenceSource]) -> Report {
        var hits: Set<Hit> = []
        let coverage = SourceWalk.run(sources, window: window, lookahead: search.longest) {
            window in
            search.run(window.bytes, beginningBefore: window.coreCount) { pattern, index in
                let half = halves[pattern]
                hits.insert(
                    Hit(
                        needle: half.needle,
                        encoding: half.encoding,
                        path: window.path,
                        offset: window.origin(of: index - half.before)
                    )
                )
            }
        }
        let sorted = hits.sorted { ($0.path, $0.offset) < ($1.path, $1.offset) }
        return Report(hits: sorted, coverage: coverage)
    }
}
