// The door: every rule a submitted event must keep, checked before anything is sealed or stored.

package import TallyCore

/// Checks submitted events against the format's bounds.
package enum EventCheck {
    /// Checks one event and gives its personal sections in part order.
    ///
    /// - Throws: `invalid` or `tooLarge`, naming the field and what it may be.
    static func check(
        _ event: NewEvent,
        at pointer: @autoclosure () -> String
    ) throws(Problem) -> [(name: PersonalName, data: [UInt8])] {
        try text(event.stream, "stream", FormatLimits.stream, pointer())
        try text(event.type, "type", FormatLimits.type, pointer())
        try text(event.actor, "actor", FormatLimits.actor, pointer())
        try text(event.onBehalfOf, "on_behalf_of", FormatLimits.actor, pointer())
        try text(event.correlation, "correlation", FormatLimits.correlation, pointer())
        try text(event.causation, "causation", FormatLimits.correlation, pointer())
        try time(event.occurredAt, pointer())
        try expectation(event.expecting, pointer())
        try operation(event, pointer())
        if let data = event.data, event.operation != .revert {
            try json(data, "\(pointer())/data")
        }
        let sections = try personal(event, pointer())
        try size(event, pointer())
        return sections
    }

    /// Checks the name of a subject and the retention classes that are named with it.
    ///
    /// - Throws: `invalid` for what no event could have.
    package static func subject(_ subject: String, classes: [String] = []) throws(Problem) {
        let keys =
            classes.isEmpty ? [subject] : classes.map { $0.isEmpty ? subject : "\(subject)#\($0)" }
        for key in keys {
            let name = try name(key, "")
            guard ByteText(name.subject) == ByteText(subject) else {
                throw Problem(
                    .invalid,
                    "a subject's name has no number sign",
                    hint: "name retention classes with --class"
                )
            }
        }
    }

    static func requestID(_ id: String) throws(Problem) {
        try text(id, "request", StoreLimits.requestID, "")
    }

    private static func text(
        _ value: String,
        _ field: String,
        _ bound: ClosedRange<Int>,
        _ pointer: @autoclosure () -> String
    ) throws(Problem) {
        let count = value.utf8.count
        guard bound.contains(count) else {
            throw Problem(
                .invalid,
                "\(field) has \(count) bytes",
                hint: "give \(bound.lowerBound) to \(bound.upperBound) bytes of UTF-8",
                pointer: "\(pointer())/\(field)"
            )
        }
        guard !value.hasControlCharacter else {
            throw Problem(
                .invalid,
                "\(field) contains a control character",
                hint: "remove it; line breaks and NUL are not allowed in names",
                pointer: "\(pointer())/\(field)"
            )
        }
    }

    private static func time(
        _ occurredAt: Instant?,
        _ pointer: @autoclosure () -> String
    ) throws(Problem) {
        guard let micros = occurredAt?.microsecondsSince1970, !OccurredAt.range.contains(micros)
        else { return }
        throw Problem(
            .invalid,
            "occurred_at is outside years 1 to 9999",
            hint: "give a time of the years 1 to 9999",
            pointer: "\(pointer())/occurred_at"
        )
    }

    private static func expectation(
        _ expected: ExpectedVersion,
        _ pointer: @autoclosure () -> String
    ) throws(Problem) {
        guard case .version(let version) = expected else { return }
        guard (1...Int(Int32.max)).contains(version) else {
            throw Problem(
                .invalid,
                "an expected version must be 1 or more",
                hint: "give the stream's version, none for a new stream, or any",
                pointer: "\(pointer())/expect"
            )
        }
    }

    private static func operation(
        _ event: NewEvent,
        _ pointer: @autoclosure () -> String
    ) throws(Problem) {
        if event.operation == .put, event.data == nil {
            throw Problem(
                .invalid,
                "a put has no data",
                hint: "give the whole document as data",
                pointer: "\(pointer())/data"
            )
        }
        if event.operation == .patch, let data = event.data, isNull(data) {
            throw Problem(
                .invalid,
                "a patch with null as data would replace all data by null",
                hint:
                    "leave data out to change sections alone; put or delete the document otherwise",
                pointer: "\(pointer())/data"
            )
        }
        if event.operation == .revert, !event.isOfRestore {
            throw Problem(
                .invalid,
                "revert is written by restores only",
                hint: "use put, patch, delete or note",
                pointer: "\(pointer())/operation"
            )
        }
    }

    private static func isNull(_ text: [UInt8]) -> Bool {
        let spaces: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20]
        return text.lazy.filter { !spaces.contains($0) }.elementsEqual("null".utf8)
    }

    private static func json(
        _ text: [UInt8],
        _ pointer: @autoclosure () -> String
    ) throws(Problem) {
        do throws(JSONError) {
            try JSONReader.check(text)
        } catch  where error.code == .tooLarge {
            throw Problem(
                .tooLarge,
                "the JSON has \(text.count) bytes",
                hint: "at most 16777216 bytes fit into one event; store a reference instead",
                pointer: pointer()
            )
        } catch {
            throw Problem(
                .invalid,
                "the JSON is refused: \(error)",
                hint: "correct the JSON at that place",
                pointer: pointer() + error.redactedPointer
            )
        }
    }

    private static func personal(
        _ event: NewEvent,
        _ pointer: @autoclosure () -> String
    ) throws(Problem) -> [(name: PersonalName, data: [UInt8])] {
        guard event.personal.count < FormatLimits.partCount.upperBound else {
            throw Problem(
                .tooLarge,
                "\(event.personal.count) personal sections in one event",
                hint: "at most 31 are allowed; use several events",
                pointer: "\(pointer())/personal"
            )
        }
        guard !event.personal.isEmpty else { return [] }
        var sections: [(name: PersonalName, data: [UInt8])] = []
        for (index, section) in event.personal.enumerated() {
            // The subject itself never appears in an error, only its place among the sections.
            let place = "\(pointer())/personal/\(index)"
            sections.append((try name(section.key, place), section.value))
            try json(section.value, place)
        }
        sections.sort { $0.name < $1.name }
        guard zip(sections, sections.dropFirst()).allSatisfy({ $0.name != $1.name }) else {
            throw Problem(
                .invalid,
                "two personal sections of one name in one event",
                hint: "give one section a subject and class",
                pointer: "\(pointer())/personal"
            )
        }
        return sections
    }

    /// `SUBJECT` or `SUBJECT#CLASS`.
    static func name(
        _ key: String,
        _ pointer: @autoclosure () -> String
    ) throws(Problem) -> PersonalName {
        // By bytes: a number sign with a combining mark behind it is another Character.
        let halves = key.utf8.split(separator: UInt8(ascii: "#"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let subject = halves[0]
        try text(subject, "subject", FormatLimits.subject, pointer())
        guard halves.count > 1 else { return PersonalName(subject: subject) }
        let retentionClass = halves[1]
        guard halves.count == 2, (1...63).contains(retentionClass.utf8.count),
            retentionClass.utf8.allSatisfy(isClassByte)
        else {
            throw Problem(
                .invalid,
                "a personal section is not named SUBJECT or SUBJECT#CLASS",
                hint: "a class has 1 to 63 characters of a-z, 0-9, _ and -",
                pointer: pointer()
            )
        }
        return PersonalName(subject: subject, retentionClass: retentionClass)
    }

    private static func isClassByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func size(
        _ event: NewEvent,
        _ pointer: @autoclosure () -> String
    ) throws(Problem) {
        let total = event.byteCount
        guard total <= StoreLimits.eventBytes else {
            throw Problem(
                .tooLarge,
                "the event has \(total) bytes of data",
                hint: "at most 16777216 bytes fit into one event, all sections together",
                pointer: pointer()
            )
        }
    }
}

extension NewEvent {
    /// The bytes of its data and of all its sections.
    package var byteCount: Int {
        (data?.count ?? 0) + personal.reduce(0) { $0 + $1.value.count }
    }
}
