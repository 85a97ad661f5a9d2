// Every bound of format version 1, named. Writers refuse beyond them, readers too.

/// The bounds of format version 1, in bytes unless the name says otherwise.
package enum FormatLimits {
    /// Parts of one event: the envelope and up to 31 personal parts.
    package static let partCount = 1...32
    /// Parts of a stored document: its data and a section each.
    package static let documentPartCount = 1...65_535
    /// A stream's name.
    package static let stream = 1...1024
    /// An event's type.
    package static let type = 1...255
    /// An actor, or the one acted for.
    package static let actor = 0...255
    /// A word of a tenant's dictionary: a type or a collection.
    package static let word = 0...1024
    /// A correlation or causation id.
    package static let correlation = 0...64
    /// A data subject's id.
    package static let subject = 1...255
    /// A retention class; empty stands for the default class.
    package static let retentionClass = 0...63
    /// A tenant's name.
    package static let tenantName = 1...255
    /// The data of one part, before and after compression.
    package static let data = 0...16_777_216
    /// A KEK provider's wrapped blob.
    package static let providerBlob = 1...1024
    /// Positions and part numbers listed by one partsPurged event.
    package static let purgedPartCount = 10_000
    /// Plaintexts are padded with zero bytes to a multiple of this.
    package static let padding = 32
}
