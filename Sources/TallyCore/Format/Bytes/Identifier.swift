// Ids of 16 bytes, typed by what they name, so that a tenant is never taken for an event.

internal import TallyCrypto

/// A 16-byte id of one sort of thing, shown as 32 hexadecimal digits or as a UUID.
public struct Identifier<Tag>: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The id of 16 zero bytes, which stands for "none".
    package static var zero: Self { Self(high: 0, low: 0) }

    @usableFromInline
    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads an id from exactly 16 bytes, or gives `nil` for any other count.
    @inlinable
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        Swift.withUnsafeMutableBytes(of: &words) { words in
            // In one piece where they lie in one; the library's own copy goes by each.
            let copied: Void? = bytes.withContiguousStorageIfAvailable {
                words.copyMemory(from: UnsafeRawBufferPointer($0))
            }
            if copied == nil { words.copyBytes(from: bytes) }
        }
        self.init(high: words.0, low: words.1)
    }

    /// Reads 32 hexadecimal digits, with or without the hyphens of a UUID; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let bytes = Hex.decode(String(text.filter { $0 != "-" })) else { return nil }
        self.init(bytes)
    }

    /// Draws a random UUID, version 4 (RFC 9562).
    package static func random() -> Self {
        var bytes = SecureRandom.bytes(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        return Self(bytes) ?? .zero
    }

    /// Draws 6 bytes of time, in milliseconds since 1970, and 10 random ones.
    package static func drawn(at micros: UInt64) -> Self {
        let time = Swift.withUnsafeBytes(of: (micros / 1000).bigEndian) { [UInt8]($0.suffix(6)) }
        return Self(time + SecureRandom.bytes(10)) ?? .zero
    }

    /// The 16 bytes.
    package var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// Gives `body` the 16 bytes without copying them to the heap.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: (high, low), body)
    }

    /// The id as 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
}

extension Identifier: Comparable {
    /// Orders ids by their bytes, as PostgreSQL orders `uuid`.
    public static func < (left: Self, right: Self) -> Bool {
        (left.high.bigEndian, left.low.bigEndian) < (right.high.bigEndian, right.low.bigEndian)
    }
}

extension Identifier: CustomStringConvertible {
    /// ``hex``.
    public var description: String { hex }
}

/// What an id names.
public enum IdentifierTag {
    /// A ledger.
    package enum Ledger {}
    /// A tenant.
    public enum Tenant {}
    /// An event.
    package enum Event {}
    /// An operator.
    public enum Operator {}
    /// A request that operators decide about.
    public enum Request {}
    /// A value under a tenant's index key.
    package enum Blind {}
}

/// The id of a ledger, drawn at `tally init`.
package typealias LedgerID = Identifier<IdentifierTag.Ledger>
/// The id of a tenant, random and never derived from its name.
public typealias TenantID = Identifier<IdentifierTag.Tenant>
/// The id of an event: of its request's id and place, or drawn.
package typealias EventID = Identifier<IdentifierTag.Event>
/// The id of an operator: the first half of the SHA-256 of the operator's public key.
public typealias OperatorID = Identifier<IdentifierTag.Operator>
/// The id of a request that operators decide about; an erasure has that of its request.
public typealias DecisionID = Identifier<IdentifierTag.Request>
/// A keyed pseudonym of a stream, type, actor, subject, collection or tenant name.
package typealias BlindTag = Identifier<IdentifierTag.Blind>
