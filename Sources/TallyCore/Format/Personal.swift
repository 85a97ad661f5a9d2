// What an event says about one data subject: the plaintext of parts 1 to 31.

/// The name of a personal section: whose it is, and how long it is kept.
package struct PersonalName: Sendable {
    /// The data subject, 1 to 255 bytes.
    package var subject: String
    /// The retention class, empty for the default one.
    package var retentionClass: String

    /// Names a section.
    package init(subject: String, retentionClass: String = "") {
        self.subject = subject
        self.retentionClass = retentionClass
    }

    /// The bytes of both names.
    var byteCount: Int { subject.utf8.count + retentionClass.utf8.count }

    /// `SUBJECT` or `SUBJECT#CLASS`.
    package var key: String {
        retentionClass.isEmpty ? subject : "\(subject)#\(retentionClass)"
    }
}

extension PersonalName: Hashable {
    /// Whether both are the same bytes; Swift compares strings by canonical equivalence.
    package static func == (left: Self, right: Self) -> Bool {
        left.subject.utf8.elementsEqual(right.subject.utf8)
            && left.retentionClass.utf8.elementsEqual(right.retentionClass.utf8)
    }

    /// Feeds the bytes to a hasher.
    package func hash(into hasher: inout Hasher) {
        for byte in subject.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
        for byte in retentionClass.utf8 { hasher.combine(byte) }
    }
}

extension PersonalName: Comparable {
    /// Orders by the bytes of subject, then of class: the order of an event's parts.
    package static func < (left: Self, right: Self) -> Bool {
        if left.subject.utf8.elementsEqual(right.subject.utf8) {
            return left.retentionClass.utf8.lexicographicallyPrecedes(right.retentionClass.utf8)
        }
        return left.subject.utf8.lexicographicallyPrecedes(right.subject.utf8)
    }
}

/// The plaintext of a personal part.
package struct Personal: Sendable, Equatable {
    /// Whose section this is.
    package var name: PersonalName
    /// JSON text.
    package var data: PartData

    /// Makes a section.
    package init(name: PersonalName, data: PartData) {
        self.name = name
        self.data = data
    }

    /// The section's bytes, padded to a multiple of 32 unless they are compared.
    package func encoded(padded: Bool = true) -> [UInt8] {
        var writer = ByteWriter(capacity: 96 + data.bytes.count)
        writer.write(UInt8(1))
        writer.write(data.encoding.rawValue)
        writer.write(name.subject, within: FormatLimits.subject)
        writer.write(name.retentionClass, within: FormatLimits.retentionClass)
        data.write(to: &writer)
        if padded { writer.pad() }
        return writer.bytes
    }

    /// Reads a padded section.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "Personal")
        try reader.require(version: reader.byte())
        let encoding = try reader.encoding()
        let subject = try reader.text(within: FormatLimits.subject)
        let retentionClass = try reader.text(within: FormatLimits.retentionClass)
        name = PersonalName(subject: subject, retentionClass: retentionClass)
        data = try PartData(encoding: encoding, readingFrom: &reader)
        try data.requireText(reader)
        try reader.endPadded()
    }
}
