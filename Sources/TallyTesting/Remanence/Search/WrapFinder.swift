// Collects every copy of a wrapped key that lies anywhere, live, dead, journalled or dumped, as
// their four-letter labels allow.

internal import TallyCore

/// What an adversary takes out of files before trying any key.
struct FoundWraps: Sendable {
    /// The records of wrapped tenant keys, "TLYT".
    var tenantKeys: Set<[UInt8]> = []
    /// The records of wrapped keys, "TLYW".
    var keys: Set<[UInt8]> = []
    /// The content of each file that has a KEK's size.
    var keySized: Set<[UInt8]> = []
    /// What was looked at.
    var coverage = Coverage()
}

/// A search for wrapped keys: as they are, in hexadecimal digits or in base64.
///
/// A record that begins in one WAL segment and ends in the next is not put together.
struct WrapFinder: Sendable {
    private static let labels = [Array("TLYW".utf8) + [1], Array("TLYT".utf8) + [1]]
    private static let encodings: [Encoding] = [.raw, .hex, .upperHex, .base64]
    private static let wrapByteCount = 130
    /// The bytes of a "TLYT" record before its blob, and those of the largest one.
    private static let headByteCount = 47
    private static let limit = headByteCount + FormatLimits.providerBlob.upperBound

    private let patterns: [(label: [UInt8], pattern: Encoding.Pattern)]
    private let search: PatternSearch
    private let window: Int

    /// Prepares a search that looks at so many bytes in one go.
    init(window: Int = 1 << 20) {
        patterns = Self.labels.flatMap { label in
            Self.encodings.flatMap { $0.patterns(of: label).map { (label, $0) } }
        }
        search = PatternSearch(patterns.map(\.pattern.bytes))
        self.window = window
    }

    /// Takes everything out of the sources that decodes.
    func find(in sources: [RemanenceSource]) -> FoundWraps {
        var found = FoundWraps()
        // In digits a record takes twice its size, with line breaks a little more.
        let coverage = SourceWalk.run(sources, window: window, lookahead: 3 * Self.limit) {
            window in
            if window.isWholeFile, window.bytes.count == 32 {
                found.keySized.insert([UInt8](window.bytes))
            }
            search.run(window.bytes, beginningBefore: window.coreCount) { number, index in
                let (label, pattern) = patterns[number]
                let rest = UnsafeRawBufferPointer(rebasing: window.bytes[index...])
                Self.add(Self.decoded(rest, pattern, label), to: &found)
            }
        }
        found.coverage = coverage
        return found
    }

    private static func decoded(
        _ text: UnsafeRawBufferPointer,
        _ pattern: Encoding.Pattern,
        _ label: [UInt8]
    ) -> [UInt8] {
        switch pattern.encoding {
        case .raw: return [UInt8](text.prefix(limit))
        case .base64:
            // The label is known; what follows is decoded from the next group of four on.
            let digits = TextDigits.decode(text.dropFirst(pattern.lead), bits: 6, limit: limit)
            return label.prefix(pattern.lead) + digits
        default: return TextDigits.decode(text[...], bits: 4, limit: limit)
        }
    }

    /// Adds the record at the beginning of `bytes`, if they are one.
    private static func add(_ bytes: [UInt8], to found: inout FoundWraps) {
        if let record = record(bytes, count: wrapByteCount),
            (try? WrappedKey(decoding: record)) != nil
        {
            found.keys.insert(record)
        }
        guard bytes.count >= headByteCount else { return }
        let blob = Int(bytes[headByteCount - 2]) << 8 | Int(bytes[headByteCount - 1])
        if let record = record(bytes, count: headByteCount + blob),
            (try? WrappedTWK(decoding: record)) != nil
        {
            found.tenantKeys.insert(record)
        }
    }

    private static func record(_ bytes: [UInt8], count: Int) -> [UInt8]? {
        bytes.count >= count ? Array(bytes.prefix(count)) : nil
    }
}
